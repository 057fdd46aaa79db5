// The post this phone stands at: its place, its forms, the protocol in force. Read from the server in both languages,
// kept for days.

import * as store from "./store.js";
import * as time from "./time.js";
import { asDevice } from "./wire.js";
import { language, LANGUAGES, text } from "./words.js";

let kept = null;

/** Read what is remembered. */
export async function load() {
  kept = (await store.meta("post")) ?? null;
  return kept;
}

/** Ask the server again; what was remembered stays when it cannot be reached. */
export async function refresh() {
  const told = {};
  for (const each of LANGUAGES) told[each] = await asDevice("/api/post", { speak: each });
  await store.setMeta("post", { told, fetchedAt: time.now() });
  return load();
}

/** What the server told of this post, or null before the first visit. */
export const current = () => kept?.told[language()] ?? null;

/** The protocol of today; the edition that follows is remembered too, so a change without a line is kept. */
export function protocol() {
  const { protocol: present, next_protocol: next } = current();
  return next && next.valid_from <= time.day(time.now()) ? next : present;
}

/** Hours since the server last told. */
export const age = () => (time.now() - kept.fetchedAt) / 3_600_000;

/** Whether the rules are older than the protocol lets a post work by them. */
export const isOld = () => age() > protocol().offline_hours;

/** A form by its kind, or null where this post has none. */
export const form = (kind) => current()?.forms.find((each) => each.kind === kind) ?? null;

/** A question by its path, as in `occupants.temperature`. */
export function question(kind, path) {
  let fields = form(kind)?.fields ?? [];
  let found = null;
  for (const name of path.split(".")) {
    found = fields.find((each) => each.name === name) ?? null;
    fields = found?.fields ?? [];
  }
  return found;
}

/** The words of one of a closed question's answers. */
export const answerText = (kind, path, name) =>
  question(kind, path)?.choices?.find((each) => each.name === name)?.label ?? name;

/** The name of a place by its code. */
export function placeName(code) {
  const told = current();
  return text(told?.places.find((each) => each?.code === code)?.name) || names[code] || code;
}

let names = {};

/** Remember the names of places elsewhere. */
export function nameToo(more) {
  names = more;
}
