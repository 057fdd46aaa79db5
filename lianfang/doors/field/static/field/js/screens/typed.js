// An answer that is typed: numbers on keys of our own, a choice by tapping, only names by the phone's keyboard.

import * as checks from "../checks.js";
import { head, lay, primary } from "../frame.js";
import { digitsPad } from "../keypads.js";
import * as post from "../post.js";
import { fill, h } from "../ui.js";
import { t } from "../words.js";

const NUMBERS = new Set(["document", "phone"]);

/** `slot` is the check, `name` the question, `person` the number of a feverish person whose hand-over is being written. */
export async function show(root, { slot, name, person }) {
  const check = await checks.load(slot);
  const field = post.question(person === undefined ? check.kind : checks.HANDOVER, name);
  const about = person === undefined ? check.personal : (check.people[person] ??= {});
  const value = about[name] ?? "";
  const save = (typed) => {
    about[name] = typed.trim();
    checks.keep(check);
    history.back();
  };
  if (field.choices) choose(root, field, value, save);
  else if (NUMBERS.has(field.personal) && /^[0-9X]*$/.test(value)) number(root, field, value, save);
  else letters(root, field, value, save);
}

function choose(root, field, value, save) {
  const each = (choice) => h("button.button.choice", { role: "radio", "aria-checked": String(choice.name === value), onclick: () => save(choice.name) }, choice.label);
  lay(root, { head: head(field.label), page: [h("div.fills", null), h("div.list", { role: "radiogroup" }, field.choices.map(each))] });
}

function number(root, field, value, save) {
  let typed = value;
  const shown = h("p.bigplate.card", { "aria-live": "polite", "data-typed": field.name });
  const draw = () => {
    shown.textContent = typed.replace(field.personal === "phone" ? /^(\d{3})(\d{4})/ : /^(\d{6})(\d{8})/, "$1 $2 ") || " ";
  };
  const type = (each) => {
    if (typed.length < field.longest) typed += each;
    draw();
  };
  const erase = () => {
    typed = typed.slice(0, -1);
    draw();
  };
  const corner = field.personal === "document" ? { label: "X", press: () => type("X") } : null;
  draw();
  lay(root, {
    head: head(field.label),
    page: [
      shown,
      field.personal === "document" && h("p.muted.small", null, t("A number that does not check is recorded as unverified; nobody is refused for it.")),
      h("div.fills", null),
      h("button.button.link", { onclick: () => letters(root, field, typed, save) }, t("With letters: use the keyboard")),
      digitsPad({ onDigit: type, onErase: erase, corner }),
    ],
    foot: [primary(t("Take over"), () => save(typed))],
  });
}

function letters(root, field, value, save) {
  const input = h("input", { type: "text", value, maxlength: field.longest, autocomplete: "off", "aria-label": field.label });
  fill(root);
  lay(root, { head: head(field.label), page: [h("label.field", null, h("span", null, field.label), input)], foot: [primary(t("Take over"), () => save(input.value))] });
  input.focus();
}
