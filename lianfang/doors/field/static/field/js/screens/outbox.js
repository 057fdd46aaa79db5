// What has been sent, what has not, and what needs attention: with the reason in words and a way to mend it.

import * as checks from "../checks.js";
import { head, lay } from "../frame.js";
import * as outbox from "../outbox.js";
import * as post from "../post.js";
import * as status from "../status.js";
import * as store from "../store.js";
import * as time from "../time.js";
import { toast } from "../toast.js";
import { fill, h, icon } from "../ui.js";
import { t } from "../words.js";

const SENT_SHOWN = 50;
const JUST_NOW = 30 * 60_000;
const WITHDRAWABLE = [checks.VEHICLE, checks.PERSON, "queue_length"];

export async function show(root, given, go) {
  const list = h("div.list", null);
  const line = h("p.title", null);
  let withdrawn = new Set();

  const title = (row) => [post.form(row.form)?.title ?? row.form, row.title].filter(Boolean).join(" · ");
  const plain = (row) =>
    h(
      "div.card",
      { "data-row": row.id, "data-state": row.state },
      h(
        "div.row",
        null,
        h("div", null, h("p", null, title(row)), h("p.muted.small.identity", null, icon(row.state === "sent" ? "ok" : "wait"), time.hour(row.at))),
        takeable(row) && h("button.button.side", { "data-action": "withdraw", onclick: (event) => confirm(row, event.currentTarget.closest(".card")) }, t("Withdraw")),
      ),
      withdrawn.has(row.id) && h("p.late", null, t("Withdrawn")),
      row.notices.map((each) => h(each.code === "repeated" ? "p.late" : "p.muted.small", null, each.message)),
    );
  /** What has just been entered wrongly may be taken back by whoever entered it; nothing is ever deleted. */
  const takeable = (row) => WITHDRAWABLE.includes(row.form) && !withdrawn.has(row.id) && time.now() - Date.parse(row.at) < JUST_NOW && post.form(outbox.WITHDRAWAL) !== null;
  const confirm = (row, card) =>
    fill(
      card,
      h("p.title", null, t("Withdraw {what}?", { what: title(row) })),
      h("div.row", null, h("button.button", { onclick: () => draw() }, t("Leave it")), h("button.button.bad", { "data-action": "withdraw-now", onclick: () => takeBack(row) }, t("Withdraw"))),
    );
  async function takeBack(row) {
    await outbox.withdraw(row, t("Entered by mistake"));
    toast(t("Withdrawn"));
    await draw();
  }
  const faults = (row) => row.faults.map((each) => h("p", null, each.message, typeof each.expected === "string" && each.expected ? ` ${t("Right would be: {what}", { what: each.expected })}` : ""));
  const refused = (row) =>
    h(
      "div.card.bad",
      { "data-row": row.id, "data-state": row.state },
      h("p.title", null, icon("warn"), " ", title(row), " · ", time.hour(row.at)),
      faults(row),
      row.state === "mended"
        ? h("p", null, t("Replaced by a new entry."))
        : h("div.row", null, h("button.button", { "data-action": "mend", onclick: () => mend(row) }, t("Mend it")), h("button.button", { "data-action": "again", onclick: () => again(row) }, t("Send again as it is"))),
    );

  async function mend(row) {
    if ([checks.VEHICLE, checks.PERSON].includes(row.form)) {
      await checks.reopen(row);
      return go(row.form === checks.VEHICLE ? "vehicle" : "person");
    }
    if (row.form === "queue_length") return go("queue", { mends: row.id });
    return again(row);
  }
  /** A refused entry keeps its id and its reason; what is sent again is a new entry. */
  async function again(row) {
    const { form, place, area, subject, answers, title: called } = row;
    await outbox.add({ form, place, area, subject, answers, title: called, at: Date.parse(row.at), mends: row.id });
    toast(t("Kept as a new entry"));
    await draw();
  }
  async function draw() {
    const rows = (await store.all("queue")).reverse();
    const of = (...states) => rows.filter((each) => states.includes(each.state));
    withdrawn = new Set(rows.filter((each) => each.form === outbox.WITHDRAWAL).map((each) => each.corrects));
    line.textContent = status.words();
    const attention = of("refused");
    const unsent = of("waiting");
    const gone = of("sent").slice(0, SENT_SHOWN);
    fill(
      list,
      attention.length > 0 && [h("h2", null, t("Needs attention")), attention.map(refused)],
      unsent.length > 0 && [h("h2", null, t("Unsent: kept on this phone")), unsent.slice(0, SENT_SHOWN).map(plain), unsent.length > SENT_SHOWN && h("p.muted", null, t("and {n} more", { n: unsent.length - SENT_SHOWN }))],
      of("mended").length > 0 && [h("h2", null, t("Refused and replaced")), of("mended").map(refused)],
      gone.length > 0 && [h("h2", null, t("Sent")), gone.map(plain)],
      !rows.length && h("p.card.muted", null, t("Nothing has been entered yet.")),
    );
  }
  await draw();
  lay(root, {
    head: head(t("Sent and unsent entries")),
    page: [
      h("div.card", null, line, outbox.state.said && outbox.state.mode !== "idle" && h("p.muted", null, outbox.state.said)),
      outbox.state.mode === "revoked" && h("div.card.bad", null, h("p", null, t("This phone's key is no longer valid. Every entry is kept; set the phone up again and they go out.")), h("button.button", { onclick: () => go("enrol"), "data-action": "enrol" }, t("Set this phone up"))),
      list,
    ],
    foot: [h("button.button", { onclick: () => outbox.hurry(), "data-action": "send-now" }, t("Send now"))],
  });
  const redraw = () => void draw();
  document.addEventListener("field:outbox", redraw);
  return () => document.removeEventListener("field:outbox", redraw);
}
