// What screens are made of: a page that scrolls, a foot with the action, and on root screens the tabs.

import * as handovers from "./handovers.js";
import * as outbox from "./outbox.js";
import * as post from "./post.js";
import * as store from "./store.js";
import { fill, h, icon } from "./ui.js";
import { t } from "./words.js";

/**
 * Lay a screen out.
 * @param {HTMLElement} root
 * @param {{head?: Node | false, page: unknown[], foot?: unknown[], tabs?: HTMLElement}} parts
 */
export function lay(root, { head, page, foot, tabs }) {
  fill(root, h("div.page", null, head, page), foot && h("div.foot", null, foot), tabs);
}

/** A head with a way back. */
export const head = (title, ...beside) =>
  h(
    "div.head",
    null,
    h("button.button.square", { onclick: () => history.back(), "aria-label": t("Back") }, icon("back")),
    h("h1", null, title),
    beside,
  );

/** The one action of a screen, at its foot. */
export const primary = (label, onclick, tone = "", how = {}) =>
  h(`button.button.primary${tone ? `.${tone}` : ""}`, { onclick, ...how }, label);

/** Which root screens this post has: by the forms it may hand in. */
export function roots() {
  const has = (kind) => post.form(kind) !== null;
  return [
    has("fever_receipt") && ["clinic", "clinic", t("Receive")],
    has("vehicle_check") && ["vehicle", "car", t("Vehicle")],
    has("person_check") && ["person", "person", t("On foot")],
    has("fever_handover") && ["open", "wait", t("Open")],
    ["more", "more", t("More")],
  ].filter(Boolean);
}

/** The tabs, with how many things are open. */
export function tabs(here, go) {
  const bar = h("nav.tabs", { role: "tablist" });
  const draw = async () => {
    const open = (await handovers.counts()).open + (await store.all("held")).length;
    fill(
      bar,
      roots().map(([name, sign, label]) =>
        h(
          "button.tab",
          { role: "tab", "aria-selected": String(name === here), "data-tab": name, onclick: () => go(name) },
          icon(sign),
          label,
          name === "open" && open > 0 && h("span.badge", null, open),
          name === "more" && outbox.state.refused > 0 && h("span.badge", null, outbox.state.refused),
        ),
      ),
    );
  };
  bar.redraw = draw;
  void draw();
  return bar;
}

// What is open changes by itself: by the clock, and by what the server tells.
for (const event of ["field:tick", "field:outbox"]) {
  document.addEventListener(event, () => document.querySelector("nav.tabs")?.redraw());
}
