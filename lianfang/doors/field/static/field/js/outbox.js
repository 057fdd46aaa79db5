// The outbox: every entry is on the phone's disk before the screen says so, and stays there until the server has
// said what became of it. Sending the same entry twice is harmless, because its id was made here.

import { makeId, momentOf } from "./ids.js";
import * as store from "./store.js";
import * as time from "./time.js";
import { asDevice, Refused, Unreachable } from "./wire.js";

export const BATCH = 100;
export const WITHDRAWAL = "withdrawal";
const LOCK = "lianfang-field-outbox";
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 60_000;
// Another tab is sending, or has just kept something: look again this soon.
const LISTEN = 1_500;
// An id must lie within a day of its entry; half of that leaves room.
const ID_SLACK = 12 * 3_600_000;
// Smaller differences between two clocks are left alone (milliseconds).
const CLOCK_SLACK = 60_000;
// The server's words for a time that cannot be.
const CLOCK = new Set(["clock", "future", "too_old", "id_time"]);
// Whole requests that may be right later, whatever is in them.
const LATER = new Set([408, 425, 429, 500, 502, 503, 504, 507]);

/** What the top of every screen tells: `mode` is idle, sending, offline, waiting, full, revoked. */
export const state = { waiting: 0, refused: 0, mode: "idle", retryAt: 0, said: "" };

const channel = "BroadcastChannel" in window ? new BroadcastChannel("lianfang-field") : null;
// The code of the key under which new rows are made: a row is sent by the person who made it.
let device = "";
let failures = 0;
let timer = 0;
let onChange = () => undefined;
let onVerdict = () => undefined;

/**
 * Begin: count what is there and send when the network, the screen or the clock says so.
 * @param {() => void} changed called when the state changed
 * @param {(entry: object, result: object) => void} judged called with every verdict
 */
export async function start(changed, judged) {
  onChange = changed;
  onVerdict = judged;
  if (channel) {
    channel.onmessage = () => {
      void takeKey().then(recount);
      soon(LISTEN);
    };
  }
  addEventListener("online", () => soon(0));
  addEventListener("offline", () => void recount());
  addEventListener("pageshow", () => soon(0));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && soon(0));
  await takeKey();
  await recount();
  soon(0);
}

/** Read which key this phone has now. */
export async function takeKey() {
  device = (await store.meta("device"))?.code ?? "";
}

/** Count again and tell everybody who shows it. */
export async function recount() {
  state.waiting = await store.count("queue", "state", "waiting");
  state.refused = await store.count("queue", "state", "refused");
  if (!navigator.onLine && state.mode !== "revoked") state.mode = "offline";
  else if (navigator.onLine && state.mode === "offline" && !state.retryAt) state.mode = "idle";
  onChange();
}

/** Make a row of the queue; whoever puts it there must do so in a transaction of {@link add}. */
export function row(entry) {
  const at = entry.at ?? time.now();
  return { ...entry, id: makeId(at), at: time.iso(at), skew: time.difference(), device, state: "waiting", faults: [], notices: [] };
}

/**
 * Keep an entry and send it when possible.
 * @param {{form: string, answers: object, at?: number, place?: string, area?: string, subject?: string,
 *   corrects?: string, title?: string, mends?: string}} entry `title` is what the lists on this phone call it
 * @param {{tables?: string[], also?: (tables: Record<string, IDBObjectStore>) => void}} together other changes that
 *   must be kept with it or not at all
 * @returns {Promise<object>} the kept row
 * @throws {store.StorageFull} nothing was kept
 */
export async function add(entry, { tables = [], also = () => undefined } = {}) {
  const made = row(entry);
  await store.change(["queue", ...tables], (base) => {
    base.queue.add(made);
    if (entry.mends) mended(base.queue, entry.mends, made.id);
    also(base, made);
  });
  await told();
  soon(0);
  return made;
}

function mended(queue, id, by) {
  const request = queue.get(id);
  request.onsuccess = () => {
    if (request.result) queue.put({ ...request.result, state: "mended", mendedBy: by });
  };
}

async function told() {
  channel?.postMessage("changed");
  await recount();
}

/** Take an entry back: it stays, and a withdrawal that names it goes out after it. */
export const withdraw = ({ id, place, title }, why) =>
  add({ form: WITHDRAWAL, place, corrects: id, answers: { why }, title }, { tables: ["seen"], also: ({ seen }) => void seen.delete(id) });

/** Try to send in so many milliseconds; an earlier wish wins. */
export function soon(wait) {
  clearTimeout(timer);
  timer = setTimeout(() => void pump(), wait);
}

/** Send now, whatever the back-off says. */
export async function hurry() {
  failures = 0;
  await pump();
}

/** The phone has a key that works: everything kept may go out again, what was made under a dead key under this one. */
export async function revived() {
  await takeKey();
  await inherit();
  Object.assign(state, { mode: "idle", said: "" });
  await hurry();
}

/** The server shut a key out: nothing is lost; without another key nothing is sent either. */
export async function dismissed(fault, code = device) {
  await store.setMeta("dead keys", [...new Set([...((await store.meta("dead keys")) ?? []), code])]);
  if (code === device) Object.assign(state, { mode: "revoked", said: fault.message, retryAt: 0 });
  else await inherit();
}

/** What was made under a dead key is sent under the present one. */
async function inherit() {
  const dead = new Set((await store.meta("dead keys")) ?? []);
  for (const each of await store.where("queue", "state", "waiting")) {
    if (dead.has(each.device) && each.device !== device) await store.put("queue", { ...each, device });
  }
}

async function pump() {
  if (!(await store.meta("device")) || state.mode === "revoked") return;
  // One sender at a time over all tabs of this phone.
  const work = async (lock) => (lock ? drain() : soon(LISTEN));
  if (navigator.locks) await navigator.locks.request(LOCK, { ifAvailable: true }, work);
  else await drain();
}

async function drain() {
  let size = BATCH;
  for (;;) {
    await putRight((each) => !each.maybe && Math.abs(each.skew - time.difference()) > CLOCK_SLACK);
    const rows = await next(size);
    if (!rows.length) break;
    if (!navigator.onLine) {
      state.mode = "offline";
      break;
    }
    state.mode = "sending";
    onChange();
    try {
      const key = (await store.meta("keys"))?.[rows[0].device];
      await settle(rows, await asDevice("/api/entries", { body: body(rows), device: key }));
      failures = 0;
      state.mode = "idle";
      state.retryAt = 0;
      size = BATCH;
    } catch (fault) {
      if (fault instanceof store.StorageFull) {
        later("phone full", "", 0);
        break;
      }
      const smaller = await failed(fault, rows);
      if (!smaller) break;
      size = smaller;
    }
  }
  if (state.mode === "sending") state.mode = "idle";
  await told();
}

/** The oldest rows that one key may send together. */
async function next(most) {
  const rows = await store.where("queue", "state", "waiting", most);
  return rows.filter((each) => each.device === rows[0].device);
}

function body(rows) {
  return {
    sent_at: time.iso(time.now()),
    entries: rows.map(({ id, form, at, place, area, subject, answers, corrects, exercise }) => ({
      id, form, at, place, area, subject, answers, corrects, exercise,
    })),
  };
}

/** Take a failed request in; returns how many rows to try with at once, or 0 to wait. */
async function failed(fault, rows) {
  if (fault instanceof Unreachable) {
    await mayHaveArrived(rows);
    later("offline", fault.message, 0);
    return 0;
  }
  if (!(fault instanceof Refused)) throw fault;
  if (fault.status === 401 || fault.status === 403) {
    await dismissed(fault, rows[0].device);
    return state.mode === "revoked" ? 0 : BATCH;
  }
  if (LATER.has(fault.status)) {
    later(fault.status === 507 ? "full" : "waiting", fault.message, fault.wait);
    return 0;
  }
  // The request as a whole is wrong: find the row by halves, so that the others still go.
  if (rows.length > 1) return Math.floor(rows.length / 2);
  const whole = { row: 0, field: "", code: fault.code || String(fault.status), message: fault.message };
  await judge(rows[0], { status: "refused", faults: [whole], notices: [] });
  return BATCH;
}

function later(mode, said, wait) {
  failures += 1;
  const grown = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - 1));
  // Not all phones of the district at the same second.
  const pause = Math.max(wait * 1000, grown * (0.75 + Math.random() / 2));
  Object.assign(state, { mode, said, retryAt: Date.now() + pause });
  soon(pause);
}

async function settle(rows, answer) {
  for (const [place, row] of rows.entries()) {
    // An answer that does not fit what was asked is no answer; the rows stay.
    if (answer?.results?.[place]?.id?.toLowerCase() !== row.id) throw new Unreachable("the answer does not match");
  }
  const late = new Set();
  for (const [place, row] of rows.entries()) {
    const result = answer.results[place];
    const clock = result.status === "refused" && result.faults.some((each) => CLOCK.has(each.code));
    // The answer has just taught the difference: a row made by another one is put right and sent again.
    if (clock && row.skew !== time.difference()) late.add(row.id);
    else await judge(row, result);
  }
  if (late.size) await putRight((each) => late.has(each.id) || (!each.maybe && each.skew !== time.difference()));
}

/** Rows whose answer was lost may be stored already: they must not change any more unless the server refuses them. */
async function mayHaveArrived(rows) {
  const fresh = rows.filter((each) => !each.maybe);
  if (fresh.length) await store.change(["queue"], ({ queue }) => fresh.forEach((each) => queue.put({ ...each, maybe: true })));
}

async function judge(row, result) {
  const sent = result.status === "stored" || result.status === "already";
  const kept = { ...row, state: sent ? "sent" : "refused", faults: result.faults ?? [], notices: result.notices ?? [] };
  if (sent) {
    // What has arrived needs no copy of anybody's data here.
    kept.sentAt = time.iso(time.now());
    delete kept.answers;
  }
  await store.put("queue", kept);
  onVerdict(kept, result);
}

/** The phone's clock was wrong when these rows were made: shift them by what has been learned since. */
async function putRight(wrong) {
  const rows = (await store.where("queue", "state", "waiting")).filter(wrong);
  if (rows.length) await store.change(["queue", "handovers"], (tables) => move(tables, rows));
}

function move({ queue, handovers }, rows) {
  const renamed = new Map();
  const right = rows.map((row) => {
    const by = time.difference() - row.skew;
    const at = Date.parse(row.at) + by;
    // A refused entry was not stored, so it may take an id of its right time.
    const id = Math.abs(momentOf(row.id) - at) > ID_SLACK ? makeId(at) : row.id;
    if (id !== row.id) renamed.set(row.id, id);
    return { ...row, id, at: time.iso(at), skew: time.difference(), maybe: false, answers: movedTimes(row.answers, by) };
  });
  for (const [old, id] of renamed) {
    queue.delete(old);
    rename(handovers, old, id);
  }
  // One entry may name another by its id.
  for (const row of right) {
    const named = Object.entries(row.answers).map(([name, value]) => [name, renamed.get(value) ?? value]);
    queue.put({ ...row, answers: Object.fromEntries(named) });
  }
}

function rename(handovers, old, id) {
  const request = handovers.get(old);
  request.onsuccess = () => {
    if (!request.result) return;
    handovers.delete(old);
    handovers.put({ ...request.result, id });
  };
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+08:00$/;

/** Instants inside the answers were read off the same clock. */
export function movedTimes(value, by) {
  if (typeof value === "string") return INSTANT.test(value) ? time.iso(Date.parse(value) + by) : value;
  if (Array.isArray(value)) return value.map((each) => movedTimes(each, by));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, movedTimes(each, by)]));
}

/** Forget what was sent before an instant: the phone is no archive. */
export async function forget(before) {
  for (const row of await store.where("queue", "state", "sent")) {
    if (Date.parse(row.at) < before) await store.remove("queue", row.id);
  }
}
