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

export async function show(root, given, go) {
  const list = h("div.list", null);
  const line = h("p.title", null);

  const title = (row) => [post.form(row.form)?.title ?? row.form, row.title].filter(Boolean).join(" · ");
  const waiting = (row) => h("div.card", { "data-row": row.id, "data-state": "waiting" }, h("p.title", null, icon("wait"), " ", title(row)), h("p.muted", null, time.hour(row.at)));
  const sent = (row) =>
    h("div.card", { "data-row": row.id, "data-state": "sent" }, h("p", null, icon("ok"), " ", title(row), " · ", time.hour(row.at)), row.notices.map((each) => h(each.code === "repeated" ? "p.late" : "p.muted.small", null, each.message)));
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
    line.textContent = status.words();
    const attention = of("refused");
    const unsent = of("waiting");
    const gone = of("sent").slice(0, SENT_SHOWN);
    fill(
      list,
      attention.length > 0 && [h("h2", null, t("Needs attention")), attention.map(refused)],
      unsent.length > 0 && [h("h2", null, t("Unsent: kept on this phone")), unsent.slice(0, SENT_SHOWN).map(waiting), unsent.length > SENT_SHOWN && h("p.muted", null, t("and {n} more", { n: unsent.length - SENT_SHOWN }))],
      of("mended").length > 0 && [h("h2", null, t("Refused and replaced")), of("mended").map(refused)],
      gone.length > 0 && [h("h2", null, t("Sent")), gone.map(sent)],
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
