// Who a person on foot is: when there is a document, a code, or the wish to ask. Without it the check counts all the same.

import * as checks from "../checks.js";
import { head, lay, primary } from "../frame.js";
import * as post from "../post.js";
import { h, icon } from "../ui.js";
import { t } from "../words.js";

export async function show(root, given, go) {
  const slot = checks.PERSON;
  const check = await checks.load(slot);
  checks.keep(check);
  const told = (field) => {
    const value = check.personal[field.name] ?? "";
    return field.choices ? post.answerText(slot, field.name, value) : value;
  };
  const ask = (field) =>
    h(
      "button.button.choice",
      { "data-field": field.name, onclick: () => go("typed", { slot, name: field.name }) },
      h("span.identity", null, h("span", null, field.label), h("strong", null, told(field))),
    );
  lay(root, {
    head: head(t("Person on foot")),
    page: [
      h("p.muted", null, t("Number and name where they are at hand; without them the check counts all the same.")),
      h("div.list", null, checks.personal(slot).map(ask)),
      check.subject && h("p.card.good", null, t("Person code read")),
      h("div.fills", null),
      h("button.button", { onclick: () => go("scan", { slot }), "data-action": "scan" }, icon("scan"), t("Scan a person's code")),
    ],
    foot: [primary(t("Next: temperature"), () => go("person"), "", { "data-action": "next" })],
  });
}
