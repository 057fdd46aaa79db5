// The clinic: who is on the way, how long already, one tap when they are there.

import * as alarms from "../alarms.js";
import { lay, tabs } from "../frame.js";
import * as handovers from "../handovers.js";
import * as post from "../post.js";
import * as signals from "../signals.js";
import { StorageFull } from "../store.js";
import * as time from "../time.js";
import { toast } from "../toast.js";
import { fill, h } from "../ui.js";
import { t } from "../words.js";

const FORM = "fever_receipt";

export async function show(root, given, go) {
  const list = h("div.list", null);
  let clocks = [];
  const outcome = post.question(FORM, "outcome");

  async function receive(each, found) {
    try {
      await handovers.receive(each, { outcome: found });
    } catch (fault) {
      if (!(fault instanceof StorageFull)) throw fault;
      return alarms.storageFull();
    }
    signals.done();
    toast(t("Received: {id} · {what}", { id: handovers.shortId(each.id), what: post.answerText(FORM, "outcome", found) }));
    return draw();
  }
  const card = (each) => {
    const clock = h("strong.clock", { role: "timer" });
    clocks.push([clock, each.dueAt]);
    const [usual, ...others] = ordered();
    return h(
      "div.card",
      { "data-coming": each.id },
      h(
        "div.row",
        null,
        h("div", null, h("p.title", null, t("Slip {id} · {celsius}", { id: handovers.shortId(each.id), celsius: each.temperature?.toFixed(1) ?? "–" })), h("p", null, t("from {place}, left {at}", { place: post.placeName(each.place), at: time.hour(each.at) }))),
        h("div.fixed", null, clock),
      ),
      h("div.list", null, h("button.button.primary.good", { "data-action": "receive", onclick: () => receive(each, usual.name) }, t("Received · {what}", { what: usual.label })), h("div.row", null, others.map((other) => h("button.button", { onclick: () => receive(each, other.name) }, other.label)))),
    );
  };
  const ordered = () => [...outcome.choices].sort((one, other) => (other.name === outcome.default) - (one.name === outcome.default));

  async function draw() {
    const coming = await handovers.onTheWay();
    const arrived = handovers.arrived().slice(0, 10);
    clocks = [];
    fill(
      list,
      coming.map(card),
      !coming.length && h("p.card.muted", null, t("Nobody is on the way. Whoever a post hands over appears here at once.")),
      arrived.length > 0 && [
        h("h2", null, t("Received lately")),
        arrived.map((each) => h("div.card.good", null, t("Slip {id} · {celsius}", { id: handovers.shortId(each.id), celsius: each.temperature?.toFixed(1) ?? "–" }), " · ", post.answerText(FORM, "outcome", each.received.outcome), " · ", time.hour(each.received.at))),
      ],
    );
    tick();
  }
  function tick() {
    for (const [clock, due] of clocks) {
      const left = due - time.now();
      clock.textContent = left > 0 ? time.span(left) : t("overdue {span}", { span: time.span(-left) });
      clock.classList.toggle("late", left <= 0);
      clock.closest(".card").classList.toggle("bad", left <= 0);
    }
  }
  const again = () => void draw();
  await draw();
  lay(root, { head: h("h1", null, t("On the way to us")), page: [list], tabs: tabs("clinic", go) });
  document.addEventListener("field:tick", tick);
  document.addEventListener("field:handovers", again);
  return () => {
    document.removeEventListener("field:tick", tick);
    document.removeEventListener("field:handovers", again);
  };
}
