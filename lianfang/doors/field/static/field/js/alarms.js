// What must not be missed: a second measurement that is due, a hand-over that is overdue, somebody turned back before.

import * as checks from "./checks.js";
import * as handovers from "./handovers.js";
import * as plates from "./plates.js";
import * as post from "./post.js";
import * as seen from "./seen.js";
import * as signals from "./signals.js";
import * as store from "./store.js";
import * as time from "./time.js";
import { toast } from "./toast.js";
import { h, icon } from "./ui.js";
import { t } from "./words.js";

const TICK = 1_000;
// Whoever was registered longer ago is not at the post any more: the notice stands in the list, without an alarm.
const STILL_HERE = 30 * 60_000;
const told = new Set();
let open = () => undefined;

/** Begin to watch the clock. */
export function start(go) {
  open = go;
  setInterval(tick, TICK);
}

async function tick() {
  document.dispatchEvent(new CustomEvent("field:tick"));
  for (const check of await store.all("held")) {
    if (check.rung || check.dueAt > time.now()) continue;
    await store.put("held", { ...check, rung: true });
    signals.call();
    toast(t("{who} can be measured again", { who: checks.title(check) || t("The person on foot") }), "attention");
  }
  for (const each of await handovers.sent()) {
    if (each.received || each.rung || each.dueAt > time.now()) continue;
    await store.put("handovers", { ...each, rung: true });
    overdue(each);
  }
}

function cover(tone, sign, inside, buttons) {
  const box = h(`div.alarm${tone}`, { role: "alertdialog", "aria-modal": "true" });
  const close = (then) => () => {
    box.remove();
    then?.();
  };
  box.append(
    h("div.middle", null, icon(sign), inside),
    ...buttons.map(([label, then], at) => h(at === 0 ? "button.button.primary" : "button.button", { onclick: close(then) }, label)),
  );
  document.getElementById("stage").append(box);
  box.querySelector("button").focus();
}

function overdue(each) {
  signals.fever();
  cover(
    "",
    "warn",
    [
      h("h1", null, t("The clinic has not confirmed")),
      h("p.huge", null, each.temperature.toFixed(1)),
      h("p", null, t("{who} left at {at}; receipt was due by {due}.", { who: each.title || t("A feverish person"), at: time.hour(each.at), due: time.hour(each.dueAt) })),
      h("p", null, t("Call the clinic now.")),
    ],
    [[t("Open hand-overs"), () => open("open")], [t("Understood")]],
  );
}

/** The words about an earlier turning back. */
export const repeatedWords = ({ at, place }) => t("Turned back at {place}, {day} {at}", { place: post.placeName(place), day: time.day(at).slice(5), at: time.hour(at) });

/** Somebody who was turned back elsewhere tries again: said once a number, large. */
export function repeated(check, decision) {
  const key = `${seen.keyOf(check)} ${decision.at}`;
  if (told.has(key)) return;
  told.add(key);
  signals.no();
  cover(
    ".attention",
    "stop",
    [h("h1", null, t("Turned back before")), h("p.huge", null, checks.title(check) || t("Person")), h("p", null, repeatedWords(decision))],
    [[t("Understood")]],
  );
}

/** The server's verdict on an entry just sent. */
export function verdict(row, result) {
  for (const notice of result.notices ?? []) {
    const fresh = time.now() - Date.parse(row.at) < STILL_HERE;
    if (notice.code === "repeated" && fresh) {
      const check = { kind: row.form, plate: row.title ? plates.tidy(row.title) : "", personal: {}, subject: null };
      repeated(check, { at: Date.parse(notice.at), place: notice.place });
    } else if (notice.code === "unverified") {
      toast(notice.message, "attention");
    }
  }
  if (result.status === "refused") signals.no();
}

/** The phone has no room: nothing of this was kept, and everything typed still stands. */
export function storageFull() {
  signals.no();
  cover(
    "",
    "stop",
    [
      h("h1", null, t("The phone's storage is full")),
      h("p", null, t("This entry was NOT kept. Free some space (photos, videos) and press the button again; what you typed is still here.")),
      h("p", null, t("Entries kept before are safe.")),
    ],
    [[t("Understood")]],
  );
}
