// What this phone has seen lately: suggestions while a plate is typed, and who was turned back here or elsewhere.

import * as post from "./post.js";
import * as store from "./store.js";
import * as time from "./time.js";
import { asDevice, Refused, Unreachable } from "./wire.js";
import { t } from "./words.js";

const PATIENCE = 6_000;

/** The number a check is known by, or an empty word. */
export const keyOf = (check) => check.plate || check.personal.document || check.subject || "";

/** Note a decision under its entry's id; part of the transaction that keeps the entry. */
export function note(table, check, { id, decision, reason, at, place }) {
  const key = keyOf(check);
  if (key) table.put({ id, key, decision, reason, at, place, kind: check.kind });
}

const back = () => time.now() - post.protocol().repeat_attempt_hours * 3_600_000;

/** Plates of the last hours that begin like this, newest first. */
export async function suggestions(beginning, most = 4) {
  const rows = await store.since(back());
  const found = new Set();
  for (const row of rows.reverse()) {
    if (row.kind === "vehicle_check" && row.key.startsWith(beginning) && row.key !== beginning) found.add(row.key);
    if (found.size === most) break;
  }
  return [...found];
}

/** Earlier decisions about this number that this phone remembers, newest first. */
export async function here(check) {
  const key = keyOf(check);
  if (!key) return [];
  const rows = (await store.since(back())).filter((each) => each.key === key);
  return rows.reverse().map(({ decision, at, place, kind }) => ({ decision, at, place, form: kind }));
}

/** Earlier decisions about this number anywhere in the district; an empty list without a line. */
export async function anywhere(check) {
  const number = check.plate ? { plate: check.plate } : { document: check.personal.document };
  if (!number.plate && !number.document) return [];
  try {
    const told = await asDevice("/api/lookups", { body: { ...number, purpose: t("Check at the post") }, limit: PATIENCE });
    return told.decisions.map((each) => ({ ...each, at: Date.parse(each.at) }));
  } catch (fault) {
    // The look-up is a help, never a condition: a post without a line goes on.
    if (fault instanceof Unreachable || fault instanceof Refused) return [];
    throw fault;
  }
}
