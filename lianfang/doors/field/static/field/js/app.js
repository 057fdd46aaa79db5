// The beginning: one page, one screen at a time, the state of the outbox always on top.

import * as alarms from "./alarms.js";
import * as checks from "./checks.js";
import { roots } from "./frame.js";
import * as handovers from "./handovers.js";
import * as lock from "./lock.js";
import * as outbox from "./outbox.js";
import * as post from "./post.js";
import { SCREENS } from "./screens/index.js";
import * as signals from "./signals.js";
import * as status from "./status.js";
import * as store from "./store.js";
import * as time from "./time.js";
import { moveOn, toast } from "./toast.js";
import * as updates from "./updates.js";
import { Refused, Unreachable } from "./wire.js";
import { speak, t } from "./words.js";

const REFRESH = 10 * 60_000;
const WATCH = 20_000;
const root = document.getElementById("screen");
let shown = { name: "", leave: undefined };
let rewinding = null;
let working = false;

/**
 * Show a screen.
 * @param {string} name
 * @param {object} given what the screen needs; kept in the browser's history, so plain data
 * @param {boolean} back whether the phone's own back key did it
 */
export async function go(name, given = {}, back = false) {
  if (!back) remember(name, given);
  moveOn();
  shown.leave?.();
  shown = { name, leave: undefined };
  document.documentElement.dataset.screen = name;
  const leave = await SCREENS[name].show(root, given, go);
  if (shown.name === name) shown.leave = leave;
  else leave?.();
  if (SCREENS[name].root) updates.idle();
}

/** Keep the browser's history as short as the way back really is: a root screen has none. */
function remember(name, given) {
  const depth = history.state?.depth ?? 0;
  if (SCREENS[name].root) {
    history.replaceState({ name, given, depth }, "");
    if (depth) {
      rewinding = { name, given, depth: 0 };
      history.go(-depth);
    }
  } else if (shown.name === name) {
    history.replaceState({ name, given, depth }, "");
  } else {
    history.pushState({ name, given, depth: depth + 1 }, "");
  }
}

function popped({ state }) {
  if (rewinding) {
    history.replaceState(rewinding, "");
    rewinding = null;
  } else if (state) {
    go(state.name, state.given, true);
  }
}

/** Show the same screen again: another language, another theme. */
async function again() {
  await status.draw();
  await go(shown.name, history.state?.given ?? {}, true);
}

const refresh = () =>
  tried(async () => {
    await post.refresh();
    await handovers.refresh();
    if (outbox.state.mode === "revoked") await outbox.revived();
  });

/** Ask the server; without a line what is remembered goes on, and a key that no longer holds is shown on top. */
async function tried(ask) {
  try {
    await ask();
  } catch (fault) {
    if (fault instanceof Refused && [401, 403].includes(fault.status)) await outbox.dismissed(fault);
    else if (!(fault instanceof Unreachable || fault instanceof Refused)) throw fault;
  }
  await outbox.recount();
}

function changed() {
  void status.draw();
  document.dispatchEvent(new CustomEvent("field:outbox"));
}

/** A new version has come: at once where nothing is being typed, else when the car is through. */
async function takeUp() {
  if (SCREENS[shown.name]?.root && (await checks.untouched())) updates.idle();
}

/** Everything that hangs on a post: once it is known. */
async function work() {
  if (working) return;
  working = true;
  alarms.start(go);
  await refresh();
  setInterval(refresh, REFRESH);
  setInterval(watchHandovers, WATCH);
  addEventListener("online", refresh);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
  await forgetOld();
}

/** While somebody is on the way, and at a clinic, the server is asked more often. */
async function watchHandovers() {
  const waiting = (await handovers.counts()).open > 0 || post.form("fever_receipt") !== null;
  if (!waiting || document.visibilityState !== "visible" || !navigator.onLine || outbox.state.mode === "revoked") return;
  await tried(handovers.refresh);
}

async function begin() {
  document.documentElement.dataset.theme = (await store.meta("theme")) ?? "auto";
  await Promise.all([time.load(), signals.load(), post.load(), handovers.load()]);
  await speak((await store.meta("language")) ?? "zh-hans");
  status.start(go);
  addEventListener("popstate", popped);
  document.addEventListener("field:again", again);
  document.addEventListener("field:enrolled", work);
  document.addEventListener("field:update", takeUp);
  await updates.start();
  await outbox.start(changed, alarms.verdict);
  if (!post.current()) {
    await go("enrol");
    return;
  }
  await lock.onStart();
  const relieved = location.search === "?shift";
  history.replaceState(null, "", location.pathname);
  await go(roots()[0][0]);
  if (relieved) await go("enrol");
  await work();
}

/** The phone is no archive: what is older than the protocol still asks for goes. */
async function forgetOld() {
  const hours = Math.max(24, post.protocol().repeat_attempt_hours);
  const before = time.now() - hours * 3_600_000;
  await outbox.forget(before);
  await handovers.forget(before);
  for (const each of await store.all("seen")) if (each.at < before) await store.remove("seen", each.id);
}

/** What nobody foresaw is said, not swallowed. */
function unforeseen({ reason, message }) {
  toast(t("Something went wrong; what was kept is safe. {what}", { what: reason?.message ?? message ?? "" }), "bad");
}

addEventListener("unhandledrejection", unforeseen);
addEventListener("error", unforeseen);
void begin();
