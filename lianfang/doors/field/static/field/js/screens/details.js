// What is asked more rarely: every other closed question of the form, each with its answers to tap.

import * as checks from "../checks.js";
import { head, lay, primary } from "../frame.js";
import { h } from "../ui.js";
import { t } from "../words.js";

export async function show(root, { slot }, go) {
  const check = await checks.load(slot);
  const { kind } = check;
  const page = () => checks.questions(kind).map(question);
  async function answer(field, value) {
    check.details[field.name] = value;
    await checks.remember(field.name, value);
    checks.keep(check);
    draw();
  }
  const question = (field) =>
    h(
      "section",
      null,
      h("h2", null, field.label),
      h(
        "div.chips",
        { role: "radiogroup", "aria-label": field.label },
        field.choices.map((each) =>
          h(
            "button.chip",
            { role: "radio", "aria-checked": String(check.details[field.name] === each.name), "data-choice": `${field.name}:${each.name}`, onclick: () => answer(field, each.name) },
            each.label,
          ),
        ),
      ),
    );
  const open = () =>
    checks
      .personal(kind)
      .filter(() => kind === checks.VEHICLE)
      .map((field) =>
        h("button.button.choice", { onclick: () => go("typed", { slot, name: field.name }) }, h("span", null, field.label), h("strong", null, check.personal[field.name] ?? "")),
      );
  const draw = () => lay(root, { head: head(t("Details")), page: [page(), open()], foot: [primary(t("Done"), () => history.back())] });
  draw();
}
