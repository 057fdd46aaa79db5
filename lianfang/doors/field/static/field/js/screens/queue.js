// How many vehicles wait: a number on large keys, sent with one tap.

import * as alarms from "../alarms.js";
import { head, lay, primary } from "../frame.js";
import { digitsPad } from "../keypads.js";
import * as outbox from "../outbox.js";
import * as post from "../post.js";
import * as signals from "../signals.js";
import { StorageFull } from "../store.js";
import { toast } from "../toast.js";
import { fill, h } from "../ui.js";
import { t } from "../words.js";

const FORM = "queue_length";

export async function show(root, { mends } = {}, go) {
  const asked = post.form(FORM).fields.filter((each) => each.type === "integer");
  const told = {};
  let at = 0;
  const figure = h("p.figure", { "aria-live": "polite", "data-typed": "queue" });
  const steps = h("div.chips", null);
  const most = (field) => field.bounds?.lte ?? 9999;

  function draw() {
    const field = asked[at];
    figure.textContent = told[field.name] ?? "–";
    fill(
      steps,
      asked.map((each, number) =>
        h("button.chip", { "aria-pressed": String(number === at), onclick: () => { at = number; draw(); } }, each.label, told[each.name] !== undefined && ` ${told[each.name]}`),
      ),
    );
  }
  function type(digit) {
    const { name } = asked[at];
    const next = Number(`${told[name] ?? ""}${digit}`);
    if (next <= most(asked[at])) told[name] = next;
    draw();
  }
  function erase() {
    const { name } = asked[at];
    const left = String(told[name] ?? "").slice(0, -1);
    if (left) told[name] = Number(left);
    else delete told[name];
    draw();
  }
  async function send() {
    const missing = asked.findIndex((each) => each.required && told[each.name] === undefined);
    if (missing >= 0) {
      at = missing;
      signals.no();
      return draw();
    }
    try {
      await outbox.add({ form: FORM, place: post.current().device.place, answers: told, mends, title: `${asked[0].label} ${told[asked[0].name]}` });
    } catch (fault) {
      if (!(fault instanceof StorageFull)) throw fault;
      return alarms.storageFull();
    }
    signals.done();
    toast(t("Queue kept: {n}", { n: told[asked[0].name] }));
    return history.back();
  }
  draw();
  lay(root, {
    head: head(post.form(FORM).title),
    page: [h("div.fills", null), figure, steps, h("div.fills", null), digitsPad({ onDigit: type, onErase: erase })],
    foot: [primary(t("Report"), send, "", { "data-action": "report" })],
  });
}
