// The second measurement: not before the protocol's minutes have passed, then one key for everyone who was too warm.

import * as checks from "../checks.js";
import { head, lay } from "../frame.js";
import { temperaturePad } from "../keypads.js";
import * as post from "../post.js";
import * as signals from "../signals.js";
import * as time from "../time.js";
import { fill, h, show as reveal } from "../ui.js";
import { t } from "../words.js";

const FIELD = "second_device_class";

export async function show(root, { slot }, go) {
  const check = await checks.load(slot);
  check.second ||= usual(check.kind);
  const warm = check.readings.filter((each) => checks.isFever(check, { temperature: each.temperature }));
  const clock = h("p.figure", { role: "timer" });
  const wait = h("div.card.attention", null, h("p", null, t("Rest, then measure again. Possible in:")), clock);
  const list = h("div.chips", { "data-list": "second" });
  const classes = h("div.chips", { role: "radiogroup", "aria-label": post.question(check.kind, FIELD)?.label ?? "" });
  const work = h("div.list", null);

  const next = () => warm.find((each) => each.second === undefined);
  function measured(celsius) {
    const one = next();
    if (!one) return;
    one.second = celsius;
    if (checks.isFever(check, one)) signals.fever();
    checks.keep(check);
    if (next()) draw();
    else go("check", { slot });
  }
  function choose(name) {
    check.second = name;
    checks.keep(check);
    draw();
  }
  function draw() {
    fill(
      list,
      warm.map((each) =>
        h(
          `span.chip.reading${each === next() ? ".next" : ".fever"}`,
          null,
          h("small", null, check.kind === checks.VEHICLE ? t("Person {n}", { n: check.readings.indexOf(each) + 1 }) : t("Temperature")),
          `${each.temperature.toFixed(1)} → ${each.second?.toFixed(1) ?? "– –"}`,
        ),
      ),
    );
    fill(
      classes,
      (post.question(check.kind, FIELD)?.choices ?? []).map((each) =>
        h("button.chip", { role: "radio", "aria-checked": String(each.name === check.second), onclick: () => choose(each.name) }, each.label),
      ),
    );
    fill(work, classes, temperaturePad({ onReading: measured, threshold: checks.limit(check, true) }));
    tick();
  }
  function tick() {
    const left = checks.againAt(check) - time.now();
    clock.textContent = time.span(left);
    reveal(wait, left > 0);
    reveal(work, left <= 0);
  }

  draw();
  lay(root, { head: head(checks.title(check) || t("Person on foot")), page: [h("h2", null, t("Second measurement")), list, wait, h("div.fills", null), work] });
  document.addEventListener("field:tick", tick);
  return () => document.removeEventListener("field:tick", tick);
}

/** The thermometer that decides: the one a hand-over asks for. */
function usual(kind) {
  const names = (post.question(kind, FIELD)?.choices ?? []).map((each) => each.name);
  const wanted = post.question(checks.HANDOVER, "device_class")?.default;
  return names.includes(wanted) ? wanted : (names[0] ?? "");
}
