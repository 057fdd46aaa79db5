// The top of every screen: how much is unsent and how the line is, in words.

import * as outbox from "./outbox.js";
import * as post from "./post.js";
import * as store from "./store.js";
import { fill, h, icon } from "./ui.js";
import { t, text } from "./words.js";

const bar = document.getElementById("status");
let person = "";

/** Begin to show; a tap opens the outbox. */
export function start(go) {
  bar.addEventListener("click", () => post.current() && go("outbox"));
  draw();
}

/** Say it in words. */
export function words() {
  const { waiting, refused, mode, retryAt } = outbox.state;
  const parts = [];
  if (waiting) parts.push(t("Unsent: {n}", { n: waiting }));
  else if (!refused) parts.push(t("All sent"));
  if (refused) parts.push(t("Needs attention: {n}", { n: refused }));
  parts.push(line(mode, waiting, retryAt));
  return parts.join(" · ");
}

function line(mode, waiting, retryAt) {
  if (mode === "revoked") return t("This phone has been shut out");
  if (mode === "sending") return t("Sending");
  if (mode === "phone full") return t("The phone's storage is full");
  if (mode === "full") return t("Server has no room, trying again");
  if (mode === "waiting" && waiting) {
    return t("Server busy, again in {n} s", { n: Math.max(1, Math.round((retryAt - Date.now()) / 1000)) });
  }
  return mode === "offline" || !navigator.onLine ? t("Offline") : t("Online");
}

function tone() {
  const { waiting, refused, mode } = outbox.state;
  if (refused || mode === "revoked" || mode === "phone full") return "bad";
  return waiting || mode === "offline" || !navigator.onLine ? "attention" : "good";
}

const SIGN = { good: "ok", attention: "wait", bad: "warn" };

/** Draw it again. */
export async function draw() {
  person = (await store.meta("device"))?.person ?? person;
  const told = post.current();
  bar.dataset.tone = tone();
  bar.dataset.mode = outbox.state.mode;
  fill(
    bar,
    icon(SIGN[tone()]),
    h(
      "span.words",
      null,
      h("span.state", { role: "status", "aria-live": "polite" }, words()),
      told && h("span.post", null, [text(told.place?.name) || text(told.unit?.name), person].filter(Boolean).join(" · ")),
    ),
  );
}
