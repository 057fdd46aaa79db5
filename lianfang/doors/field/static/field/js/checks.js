// One check of a vehicle or of a person on foot, from the first key to the entries it becomes.

import { makeId } from "./ids.js";
import * as outbox from "./outbox.js";
import * as plates from "./plates.js";
import * as post from "./post.js";
import { decide, threshold } from "./protocol.js";
import * as seen from "./seen.js";
import * as store from "./store.js";
import * as time from "./time.js";

export const VEHICLE = "vehicle_check";
export const PERSON = "person_check";
export const HANDOVER = "fever_handover";
export const ADMIT = "admit";
export const TURN_BACK = "turn_back";
export const HAND_OVER = "hand_over";

// What this screen fills in by itself; every other closed question of the form is shown as it stands there.
const OWN = new Set([
  "plate", "plate_type", "occupants", "temperature", "second_temperature", "second_device_class", "decision", "reason",
  "reading", "document", "document_kind", "name", "phone", "driver_phone",
]);
// Answers that hold for the post rather than for one car: the last one stands until it is changed.
const LASTING = ["device_class", "direction", "disinfected"];
const DRAFT = "lianfang-draft-";
const SPECIAL = /^(WJ|使)|[警使港澳领]$/;

/** Begin a check, with the form's own defaults and what lasts at this post. */
export async function begin(kind) {
  const lasting = (await store.meta("lasting")) ?? {};
  const details = {};
  for (const field of questions(kind)) {
    const remembered = LASTING.includes(field.name) ? lasting[field.name] : undefined;
    const value = remembered ?? field.default;
    if (value !== undefined) details[field.name] = value;
  }
  return { kind, plate: "", plateType: "", readings: [], details, personal: {}, subject: null, second: "", people: [] };
}

/** The closed questions that are asked beside the plate and the temperatures. */
export const questions = (kind) =>
  (post.form(kind)?.fields ?? []).filter((each) => each.type === "select_one" && !OWN.has(each.name));

/** The open questions about the person, as far as the form has them. */
export const personal = (kind) => (post.form(kind)?.fields ?? []).filter((each) => each.personal && each.name !== "plate");

/** Where a check that is being typed is kept: one slot a kind, and one for each that was put aside. */
export const slotOf = (check) => check.id ?? check.kind;

/** Keep what is typed over a reload of this page. */
export function keep(check) {
  sessionStorage.setItem(DRAFT + slotOf(check), JSON.stringify(check));
}

/** What is being typed in a slot; a slot named by a kind begins a new check. */
export async function load(slot) {
  const told = sessionStorage.getItem(DRAFT + slot);
  if (told) return JSON.parse(told);
  return (await store.get("held", slot)) ?? begin(slot);
}

/** Whether nobody has begun to type a check. */
export async function untouched() {
  const begun = ({ plate, readings, personal: said, subject }) => plate.length > 1 || readings.length > 0 || subject || Object.keys(said).length > 0;
  const checks = await Promise.all([VEHICLE, PERSON].map(load));
  return !checks.some(begun);
}

/** Nothing is being typed in this slot any more. */
export const drop = (check) => sessionStorage.removeItem(DRAFT + slotOf(check));

/** Open a refused entry again, to mend it: a new entry of the same time will replace it. */
export async function reopen(row) {
  const check = { ...(await begin(row.form)), mends: row.id, at: Date.parse(row.at) };
  const { answers: told } = row;
  const readings = told.occupants ?? (told.temperature === undefined ? [] : [told]);
  check.readings = readings.map(({ temperature, second_temperature: second }) => ({ temperature, second }));
  check.plate = told.plate ?? "";
  check.second = told.second_device_class ?? "";
  for (const field of questions(row.form)) if (told[field.name] !== undefined) check.details[field.name] = told[field.name];
  for (const field of personal(row.form)) if (told[field.name] !== undefined) check.personal[field.name] = told[field.name];
  keep(check);
}

/** Remember an answer that lasts. */
export async function remember(name, value) {
  if (!LASTING.includes(name)) return;
  await store.setMeta("lasting", { ...((await store.meta("lasting")) ?? {}), [name]: value });
}

/** What this check is called in lists on this phone. */
export const title = (check) => (check.kind === VEHICLE ? plates.shown(check.plate) : "") || "";

/** The threshold for the first or the second measurement. */
export const limit = (check, second = false) =>
  threshold(post.protocol(), second ? check.second : check.details.device_class);

/** Whether a reading of this check is a fever, by the second measurement where there is one. */
export function isFever(check, reading) {
  if (reading.second !== undefined) return reading.second >= limit(check, true);
  return reading.temperature >= limit(check);
}

/** The answers as the form asks for them, without a decision. */
export function answers(check) {
  const told = { ...check.personal, ...check.details };
  if (check.second) told.second_device_class = check.second;
  if (check.kind === VEHICLE) {
    // A paper plate is another number than the metal one with the same characters.
    if (check.plate) told.plate = check.plateType === "temporary" && !check.plate.includes("临") ? `${check.plate}临` : check.plate;
    told.plate_type = plateType(check);
    told.occupants = check.readings.map(reading);
  } else if (check.readings.length) {
    Object.assign(told, reading(check.readings[0]));
  }
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined && value !== ""));
}

function reading({ temperature, second }) {
  return second === undefined ? { temperature } : { temperature, second_temperature: second };
}

function plateType({ plate, plateType: chosen }) {
  if (chosen) return chosen;
  // Not readable is not the same as none.
  if (!plate) return undefined;
  if (SPECIAL.test(plate)) return "special";
  return plates.kindOf(plate) === "new_energy" ? "new_energy" : "ordinary";
}

/** What the protocol in force proposes; null while nothing has been measured. */
export function proposal(check) {
  return check.readings.length ? decide(post.protocol(), check.kind, answers(check)) : null;
}

/** When the second measurement may be taken: the protocol's minutes after the first high reading. */
export const againAt = (check) =>
  Math.min(...check.readings.filter((each) => each.at && isFever(check, { temperature: each.temperature })).map((each) => each.at)) +
  post.protocol().second_measurement_minutes * 60_000;

/** Put a check aside until its second measurement; it lies on the disk and rings when the time has come. */
export async function hold(check) {
  const id = check.id ?? makeId(time.now());
  drop(check);
  await store.put("held", { ...check, id, dueAt: againAt(check), rung: false });
}

/**
 * Decide, and keep the entries that follow: the check itself, and a hand-over for everyone with a fever.
 * @param {object} check
 * @param {string} decision
 * @param {{reason?: string, handovers?: object[]}} more the reason for turning back; the answers of each hand-over
 * @returns {Promise<object>} the kept row of the check
 * @throws {store.StorageFull} nothing was kept
 */
export async function conclude(check, decision, { reason, handovers = [] } = {}) {
  const told = { ...answers(check), decision, ...(reason ? { reason } : {}) };
  const at = check.at ?? time.now();
  const place = post.current().device.place;
  const row = await outbox.add(
    { form: check.kind, at, place, answers: told, subject: check.subject ?? undefined, title: title(check), mends: check.mends },
    {
      tables: ["held", "seen", "handovers"],
      also: (tables, kept) => {
        if (check.id) tables.held.delete(check.id);
        seen.note(tables.seen, check, { id: kept.id, decision, reason, at, place });
        for (const each of handovers) handOver(tables, kept, each, { at, place });
      },
    },
  );
  drop(check);
  return row;
}

function handOver(tables, check, told, { at, place }) {
  const row = outbox.row({ form: HANDOVER, at: at + 1, place, answers: { ...told, check: check.id }, title: check.title });
  tables.queue.add(row);
  tables.handovers.put({
    id: row.id, at, title: check.title, temperature: told.temperature, clinic: told.clinic, place,
    dueAt: at + post.protocol().handover_minutes * 60_000, received: null, rung: false,
  });
}
