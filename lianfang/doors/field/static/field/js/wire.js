// Talking to the server: every call has a time limit, says who the device is, and teaches the clock.

import * as store from "./store.js";
import * as time from "./time.js";
import { language } from "./words.js";

const LIMIT = 20_000;

/** The server could not be reached, or its answer was lost on the way. */
export class Unreachable extends Error {}

/** The server answered, and refused the whole request. */
export class Refused extends Error {
  constructor(status, code, message, wait) {
    super(message);
    this.status = status;
    this.code = code;
    this.wait = wait; // seconds the server asked for, or 0
  }
}

async function ask(path, { method = "GET", body, headers = {}, limit = LIMIT, speak = language() }) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), limit);
  const asked = Date.now();
  try {
    const answer = await fetch(path, {
      method,
      signal: stop.signal,
      cache: "no-store",
      credentials: "same-origin",
      headers: { Accept: "application/json", "Accept-Language": speak, ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    return { answer, text, asked, answered: Date.now() };
  } catch (fault) {
    throw new Unreachable(String(fault?.message ?? fault));
  } finally {
    clearTimeout(timer);
  }
}

async function told({ answer, text, asked, answered }) {
  let read = null;
  try {
    read = JSON.parse(text);
  } catch {
    // A page of some proxy on the way, not an answer of ours.
    if (answer.ok) throw new Unreachable("not JSON");
  }
  if (read?.server_time) await time.learn(read.server_time, asked, answered);
  if (answer.ok) return read;
  const said = read?.error ?? {};
  const wait = Number(answer.headers.get("Retry-After")) || 0;
  throw new Refused(answer.status, said.code ?? "", said.message ?? `HTTP ${answer.status}`, wait);
}

/**
 * Ask as the device that this phone is.
 * @param {string} path
 * @param {{body?: object, limit?: number, speak?: string, device?: object}} how `limit` in milliseconds, `speak` the
 *   language of the answer, `device` a key the phone had before
 * @throws {Unreachable | Refused}
 */
export async function asDevice(path, { body, limit, speak, device } = {}) {
  device ??= await store.meta("device");
  const headers = { Authorization: `Device ${device.code}.${device.secret}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return told(await ask(path, { method: body === undefined ? "GET" : "POST", body, headers, limit, speak }));
}

/**
 * Ask as the person who is signed in in this browser.
 * @throws {Unreachable | Refused}
 */
export async function asPerson(path, { body, token } = {}) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json", "X-CSRFToken": token };
  return told(await ask(path, { method: body === undefined ? "GET" : "POST", body, headers }));
}

/** Let the person who is signed in go, and ask the next one to sign in; the way back leads to the choice of the post. */
export async function relieve(token) {
  await ask("/sign-out/", { method: "POST", headers: { "X-CSRFToken": token } });
  location.assign(`/sign-in/?next=${encodeURIComponent("/field/?shift")}`);
}
