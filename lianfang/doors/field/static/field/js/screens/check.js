// Temperatures and the decision: one key a person, the protocol's proposal under the thumb.

import * as alarms from "../alarms.js";
import * as checks from "../checks.js";
import { head, lay, primary, tabs } from "../frame.js";
import { temperaturePad } from "../keypads.js";
import * as post from "../post.js";
import * as seen from "../seen.js";
import * as signals from "../signals.js";
import { StorageFull } from "../store.js";
import * as time from "../time.js";
import { toast } from "../toast.js";
import { fill, h, icon, show as reveal } from "../ui.js";
import { t, text } from "../words.js";

const TONES = { [checks.ADMIT]: "good", [checks.TURN_BACK]: "bad", [checks.HAND_OVER]: "bad" };
const SIGNS = { good: "ok", attention: "wait", bad: "stop" };
// Answered beside the temperatures; the rest waits behind one key.
const PROMINENT = ["origin"];

/** `slot` says which check; without one it is the next person on foot, on whose tab this screen stands. */
export async function show(root, { slot = checks.PERSON }, go) {
  const check = await checks.load(slot);
  const { kind } = check;
  const vehicle = kind === checks.VEHICLE;
  const readings = h("div.chips.one", { "data-list": "readings" });
  const choices = h("div.list", null);
  const before = h("div", { "aria-live": "polite" });
  const proposed = h("div.proposal", { "aria-live": "polite" });
  const action = h("div", null);
  const other = h("button.button.bad.side", { onclick: () => go("reason", { slot }), "data-action": "turn-back" }, t("Turn back"));
  const pass = h("button.button.side", { onclick: () => finish(checks.ADMIT), "data-action": "pass-anyway" }, t("Let pass"));
  let pad;

  function measured(celsius) {
    const at = time.now();
    if (vehicle || !check.readings.length) check.readings.push({ temperature: celsius, at });
    else check.readings[0] = { temperature: celsius, at };
    if (checks.isFever(check, check.readings[check.readings.length - 1])) signals.fever();
    draw();
  }
  function forget(number) {
    check.readings.splice(number, 1);
    draw();
  }
  async function answer(name, value) {
    check.details[name] = value;
    await checks.remember(name, value);
    if (name === "device_class") drawPad();
    draw();
  }
  async function finish(decision, more = {}) {
    try {
      await checks.conclude(check, decision, more);
    } catch (fault) {
      if (!(fault instanceof StorageFull)) throw fault;
      return alarms.storageFull();
    }
    if (decision === checks.ADMIT) signals.done();
    else signals.no();
    toast([checks.title(check), post.answerText(kind, "decision", decision), t("kept")].filter(Boolean).join(" · "), TONES[decision]);
    return go(vehicle ? "vehicle" : "person");
  }
  async function aside() {
    await checks.hold(check);
    toast(t("Measure again in {n} min", { n: post.protocol().second_measurement_minutes }), "attention");
    go(vehicle ? "vehicle" : "person");
  }

  function offered(proposal) {
    if (!proposal) return primary(vehicle ? t("Tap a temperature for each person") : t("Tap the temperature"), () => undefined, "", { disabled: true });
    if (proposal.interim) {
      const minutes = post.protocol().second_measurement_minutes;
      return primary(t("Wait aside, measure again in {n} min", { n: minutes }), aside, "attention", { "data-action": "aside" });
    }
    if (proposal.decision === checks.HAND_OVER) return primary(t("Hand over to the fever clinic"), () => go("handover", { slot }), "bad", { "data-action": "hand-over" });
    if (proposal.decision === checks.TURN_BACK) {
      const reason = proposal.reason_code;
      const label = reason ? `${t("Turn back")} · ${post.answerText(kind, "reason", reason)}` : t("Turn back");
      return primary(label, () => (reason ? finish(checks.TURN_BACK, { reason }) : go("reason", { slot })), "bad", { "data-action": "turn-back-now" });
    }
    const people = vehicle ? t("{n} in the vehicle", { n: check.readings.length }) : "";
    return primary(h("span", null, t("Let pass"), people && h("small", null, people)), () => finish(checks.ADMIT), "good", { "data-action": "pass" });
  }

  function draw() {
    checks.keep(check);
    drawReadings();
    drawChoices();
    const proposal = checks.proposal(check);
    const tone = proposal?.interim ? "attention" : (TONES[proposal?.decision] ?? "");
    proposed.dataset.tone = tone;
    fill(proposed, proposal && [icon(SIGNS[tone] ?? "ok"), h("span", null, text(proposal.reasons[0]))]);
    fill(action, offered(proposal));
    reveal(pass, Boolean(proposal) && proposal.decision === checks.TURN_BACK);
    reveal(other, !proposal || proposal.decision !== checks.TURN_BACK);
  }
  function drawReadings() {
    const chip = (each, number) =>
      h(
        `button.chip.reading${checks.isFever(check, each) ? ".fever" : ""}`,
        { onclick: () => forget(number), "aria-label": t("Take reading {n} away: {celsius}", { n: number + 1, celsius: each.temperature.toFixed(1) }) },
        h("small", null, vehicle ? t("Person {n}", { n: number + 1 }) : t("Temperature")),
        each.second === undefined ? each.temperature.toFixed(1) : `${each.temperature.toFixed(1)} → ${each.second.toFixed(1)}`,
      );
    const next = (vehicle || !check.readings.length) &&
      h("span.chip.reading.next", null, h("small", null, vehicle ? t("Person {n}", { n: check.readings.length + 1 }) : t("Temperature")), "– –");
    fill(readings, check.readings.map(chip), next);
    readings.scrollLeft = readings.scrollWidth;
  }
  function drawChoices() {
    const questions = checks.questions(kind);
    const prominent = questions.filter((each) => PROMINENT.includes(each.name));
    const toggles = questions.filter(isToggle);
    fill(choices, prominent.map(row), h("div.chips.one", null, toggles.map(toggle), h("button.chip", { onclick: () => go("details", { slot }), "data-action": "details" }, summary(questions, prominent, toggles), icon("more"))));
    for (const each of choices.querySelectorAll('[aria-checked="true"]')) {
      each.parentElement.scrollLeft = each.offsetLeft - each.parentElement.clientWidth / 2 + each.offsetWidth / 2;
    }
  }
  const isToggle = (field) => field.choices.length === 2 && ["yes", "no"].every((name) => field.choices.some((each) => each.name === name));
  const toggle = (field) => {
    const yes = check.details[field.name] === "yes";
    return h(
      "button.chip.good",
      { "aria-pressed": String(yes), "data-toggle": field.name, onclick: () => answer(field.name, yes ? "no" : "yes") },
      yes && icon("ok"),
      `${field.label} · ${post.answerText(kind, field.name, check.details[field.name])}`,
    );
  };
  const row = (field) =>
    h(
      "div.chips.one",
      { role: "radiogroup", "aria-label": field.label },
      field.choices.map((each) =>
        h("button.chip", { role: "radio", "aria-checked": String(check.details[field.name] === each.name), "data-choice": each.name, onclick: () => answer(field.name, each.name) }, each.label),
      ),
    );
  const summary = (questions, ...shown) =>
    questions
      .filter((each) => !shown.flat().includes(each))
      .map((each) => post.answerText(kind, each.name, check.details[each.name]) ?? "")
      .filter(Boolean)
      .join(" · ");

  function drawPad() {
    const made = temperaturePad({
      onReading: measured,
      onErase: () => check.readings.length && forget(check.readings.length - 1),
      threshold: checks.limit(check),
    });
    if (pad) pad.replaceWith(made);
    pad = made;
  }

  async function lookBack() {
    const local = await seen.here(check);
    tell(local);
    const all = await seen.anywhere(check);
    if (all.length) tell(all);
  }
  function tell(decisions) {
    const back = decisions.find((each) => each.decision === checks.TURN_BACK);
    if (back) {
      alarms.repeated(check, back);
      fill(before, h("p.card.bad", null, alarms.repeatedWords(back)));
      return;
    }
    const lately = decisions.find((each) => each.place === post.current().device.place && time.now() - each.at < 15 * 60_000);
    if (lately) {
      const words = { n: Math.max(1, Math.round((time.now() - lately.at) / 60_000)), what: post.answerText(kind, "decision", lately.decision) };
      fill(before, h("p.card.attention", null, t("Registered here {n} min ago: {what}. Register again only if it came back.", words)));
    }
  }

  drawPad();
  draw();
  const onTab = slot === checks.PERSON;
  lay(root, {
    head: onTab ? identity(check, go) : head(checks.title(check) || (vehicle ? t("Without a plate") : t("Person on foot"))),
    page: [before, readings, proposed, h("div.fills", null), choices],
    foot: [pad, h("div.row", null, other, pass, action)],
    tabs: onTab && tabs("person", go),
  });
  void lookBack();
}

/** Who it is, as far as known; a tap asks for more. */
function identity(check, go) {
  const known = [check.personal.name, check.personal.document && `…${check.personal.document.slice(-4)}`, check.subject && t("Person code read")];
  return h(
    "button.button.choice",
    { onclick: () => go("identity"), "data-action": "identity" },
    h("span.identity", null, icon("person"), h("strong", null, known.filter(Boolean).join(" · ") || t("Person on foot")), h("span.muted.small", null, t("Document, code"))),
  );
}
