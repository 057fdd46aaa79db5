// The phone's idea of the time: its own clock, put right by what the server said last.

import * as store from "./store.js";

// Smaller differences are the network's, not the clock's (milliseconds).
const SLACK = 2_000;

let skew = 0;

/** Read the remembered difference to the server's clock. */
export async function load() {
  skew = (await store.meta("skew")) ?? 0;
}

/** @returns {number} milliseconds since 1970 by the server's clock, as far as it is known */
export function now() {
  return Date.now() + skew;
}

/** @returns {number} server minus phone, in milliseconds */
export function difference() {
  return skew;
}

/**
 * Learn from an answer of the server what the time is.
 * @param {string} serverTime ISO instant in the answer
 * @param {number} asked the phone's clock when the request left
 * @param {number} answered the phone's clock when the answer came
 * @returns {Promise<boolean>} whether the difference changed
 */
export async function learn(serverTime, asked, answered) {
  const told = Date.parse(serverTime);
  if (Number.isNaN(told)) return false;
  const found = Math.round(told - (asked + answered) / 2);
  if (Math.abs(found - skew) <= SLACK + (answered - asked) / 2) return false;
  skew = found;
  await store.setMeta("skew", skew);
  return true;
}

/** Write an instant as the wire wants it: ISO with Shanghai's offset, to the millisecond. */
export function iso(milliseconds) {
  return new Date(milliseconds + 8 * 3_600_000).toISOString().replace("Z", "+08:00");
}

const clockFace = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Asia/Shanghai",
  hour: "2-digit",
  minute: "2-digit",
});
const dayFace = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" });

/** @returns {string} hours and minutes in Shanghai, as in `14:32` */
export function hour(instant) {
  return clockFace.format(typeof instant === "string" ? Date.parse(instant) : instant);
}

/** @returns {string} the Shanghai day, as in `2020-02-05` */
export function day(instant) {
  return dayFace.format(typeof instant === "string" ? Date.parse(instant) : instant);
}

/** @returns {string} a span as minutes and seconds, as in `4:05`; never negative */
export function span(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
