// Handing a feverish person over to the clinic: what the clinic needs to know, then one tap.

import * as alarms from "../alarms.js";
import * as checks from "../checks.js";
import { head, lay, primary } from "../frame.js";
import * as post from "../post.js";
import * as signals from "../signals.js";
import { StorageFull } from "../store.js";
import { toast } from "../toast.js";
import { h } from "../ui.js";
import { t } from "../words.js";

const FORM = checks.HANDOVER;
const GIVEN = new Set(["temperature", "device_class", "check", "origin"]);

export async function show(root, { slot, person = 0 }, go) {
  const check = await checks.load(slot);
  const warm = check.readings.filter((each) => checks.isFever(check, each));
  const about = (check.people[person] ??= beginning(check));
  const last = person === warm.length - 1;

  async function onward() {
    checks.keep(check);
    if (!last) return go("handover", { slot, person: person + 1 });
    try {
      await checks.conclude(check, checks.HAND_OVER, { handovers: warm.map((each, at) => answers(check, each, check.people[at])) });
    } catch (fault) {
      if (!(fault instanceof StorageFull)) throw fault;
      return alarms.storageFull();
    }
    signals.done();
    toast(t("Handed over; open until the clinic confirms"), "attention");
    return go("open");
  }
  function answer(name, value) {
    about[name] = value;
    checks.keep(check);
    draw();
  }
  const typed = (field) =>
    h(
      "button.button.choice",
      { "data-field": field.name, onclick: () => go("typed", { slot, name: field.name, person }) },
      h("span", null, field.label),
      h("strong", null, field.choices ? post.answerText(FORM, field.name, about[field.name] ?? "") : (about[field.name] ?? "")),
    );
  const chosen = (field) =>
    h(
      "section",
      null,
      h("h2", null, field.label),
      h(
        "div.chips",
        { role: "radiogroup", "aria-label": field.label },
        field.choices.map((each) =>
          h("button.chip", { role: "radio", "aria-checked": String(about[field.name] === each.name), onclick: () => answer(field.name, each.name) }, each.label),
        ),
      ),
    );
  function draw() {
    const fields = post.form(FORM).fields.filter((each) => !GIVEN.has(each.name) && each.name !== "clinic");
    const reading = warm[person];
    lay(root, {
      head: head(t("Hand-over"), warm.length > 1 && h("span.muted", null, `${person + 1} / ${warm.length}`)),
      page: [
        h("div.card.bad", null, h("p.figure", null, (reading.second ?? reading.temperature).toFixed(1)), h("p", null, [checks.title(check), t("to {clinic}", { clinic: post.placeName(about.clinic) })].filter(Boolean).join(" · "))),
        fields.filter((each) => each.choices && !each.personal).map(chosen),
        h("h2", null, t("As far as known")),
        h("div.list", null, fields.filter((each) => each.personal).map(typed)),
      ],
      foot: [primary(last ? t("Hand over now") : t("Next person"), onward, "bad", { "data-action": "hand-over-now" })],
    });
  }
  draw();
}

/** The form's defaults, and what was already said at the check. */
function beginning(check) {
  const told = {};
  for (const field of post.form(FORM).fields) {
    if (field.default !== undefined && !GIVEN.has(field.name)) told[field.name] = field.default;
    // On foot the person of the check is the person handed over.
    if (check.kind === checks.PERSON && field.personal && check.personal[field.name]) told[field.name] = check.personal[field.name];
  }
  return told;
}

function answers(check, reading, about) {
  const told = { ...about, temperature: reading.second ?? reading.temperature, device_class: check.second || check.details.device_class };
  if (check.details.origin && post.question(FORM, "origin")) told.origin = check.details.origin;
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== "" && value !== undefined));
}
