// What is still open at this post: second measurements to come, people on their way to the clinic.

import * as checks from "../checks.js";
import { lay, tabs } from "../frame.js";
import * as handovers from "../handovers.js";
import * as post from "../post.js";
import * as store from "../store.js";
import * as time from "../time.js";
import { fill, h, icon } from "../ui.js";
import { t } from "../words.js";

const ARRIVED_SHOWN = 5;

export async function show(root, given, go) {
  const list = h("div.list", null);
  let clocks = [];
  let late = 0;

  const waiting = (check) => {
    const clock = h("strong.clock", { role: "timer" });
    clocks.push([clock, check.dueAt, t("now")]);
    return h(
      "button.card.tap.attention",
      { "data-held": check.id, onclick: () => go("second", { slot: check.id }) },
      h("div.row", null, h("div", null, h("p.title", null, checks.title(check) || t("Person on foot")), h("p", null, t("Second measurement"), " · ", check.readings.filter((each) => checks.isFever(check, each)).map((each) => each.temperature.toFixed(1)).join(" "))), h("div.fixed", null, clock)),
    );
  };
  const under = (each) => {
    const over = each.dueAt <= time.now();
    const clock = h(`strong.clock${over ? ".late" : ""}`, { role: "timer" });
    clocks.push([clock, each.dueAt, t("overdue")]);
    return h(
      `div.card${over ? ".bad" : ""}`,
      { "data-handover": each.id, "data-state": over ? "overdue" : "open" },
      h(
        "div.row",
        null,
        h("div", null, h("p.title", null, [each.title, each.temperature.toFixed(1)].filter(Boolean).join(" · ")), h("p", null, t("Slip {id} · {clinic} · left {at}", { id: handovers.shortId(each.id), clinic: post.placeName(each.clinic), at: time.hour(each.at) }))),
        h("div.fixed", null, clock),
      ),
      h("p", null, over ? t("Not confirmed in time. Call the clinic.") : t("Open until the clinic confirms.")),
    );
  };
  const arrived = (each) =>
    h("div.card.good", { "data-handover": each.id, "data-state": "received" }, h("p.title", null, icon("ok"), " ", [each.title, each.temperature.toFixed(1)].filter(Boolean).join(" · ")), h("p", null, t("Received by the clinic at {at}", { at: time.hour(each.received.at) })));

  async function draw() {
    const held = (await store.all("held")).sort((one, other) => one.dueAt - other.dueAt);
    const sent = await handovers.sent();
    const under_way = sent.filter((each) => !each.received);
    const done = sent.filter((each) => each.received).slice(0, ARRIVED_SHOWN);
    clocks = [];
    fill(
      list,
      held.length > 0 && [h("h2", null, t("To be measured again")), held.map(waiting)],
      under_way.length > 0 && [h("h2", null, t("On the way to the clinic")), under_way.map(under)],
      done.length > 0 && [h("h2", null, t("Arrived")), done.map(arrived)],
      !held.length && !sent.length && h("p.card.muted", null, t("Nothing is open. Second measurements and hand-overs stand here until they are done.")),
    );
    tick();
  }
  function tick() {
    for (const [clock, due, over] of clocks) {
      const left = due - time.now();
      clock.textContent = left > 0 ? time.span(left) : over;
    }
    const passed = clocks.filter(([, due]) => due <= time.now()).length;
    if (passed !== late) {
      late = passed;
      void draw();
    }
  }
  const again = () => void draw();
  await draw();
  lay(root, { head: h("h1", null, t("Open at this post")), page: [list], tabs: tabs("open", go) });
  document.addEventListener("field:tick", tick);
  document.addEventListener("field:handovers", again);
  return () => {
    document.removeEventListener("field:tick", tick);
    document.removeEventListener("field:handovers", again);
  };
}
