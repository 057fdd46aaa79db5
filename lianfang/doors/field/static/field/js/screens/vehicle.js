// The plate: the screen a post rests on. Province, then letters and digits, from keys of our own.

import * as checks from "../checks.js";
import { lay, tabs } from "../frame.js";
import { lettersPad, provincePad } from "../keypads.js";
import * as plates from "../plates.js";
import * as post from "../post.js";
import * as seen from "../seen.js";
import { fill, h } from "../ui.js";
import { t } from "../words.js";

const LONGEST = 8;
const LAST_ORDINARY = 7;

/** The characters that are there before anybody has typed: the province this post lies in. */
const beginning = () => plates.provinceOf(post.current().device.area);

/** The kind of plate in words, as far as it is known. */
function described({ plate, plateType }) {
  const kind = plateType || (plates.kindOf(plate) === "new_energy" ? "new_energy" : "");
  if (kind) return post.answerText(checks.VEHICLE, "plate_type", kind);
  return plate.length === LAST_ORDINARY ? t("An eighth character makes it a new-energy plate.") : "";
}

export async function show(root, given, go) {
  const check = await checks.load(checks.VEHICLE);
  check.plate ||= beginning();
  let pad = check.plate ? "letters" : "province";
  let endings = false;

  const cells = h("div.plate", { role: "group", "aria-label": t("Plate") });
  const chips = h("div.chips.one", { "data-list": "suggestions" });
  const hint = h("p.muted.small", { "aria-live": "polite" });
  const keys = h("div", null);
  // Without a plate the way on is there, but does not look like the thing to press.
  const next = h("button.button", { onclick: () => onward(), "data-action": "next" });

  function type(character) {
    const { plate } = check;
    if (plate.length >= LONGEST) return;
    if (check.plateType === "none") check.plateType = "";
    check.plate = plate + character;
    pad = "letters";
    endings = false;
    draw();
  }
  function erase() {
    check.plate = check.plate.slice(0, check.plate.startsWith("WJ") && check.plate.length === 2 ? 0 : -1);
    if (!check.plate) {
      pad = "province";
      check.plateType = "";
    }
    draw();
  }
  function choose(plate) {
    check.plate = plate;
    draw();
  }
  /** A car without a plate, or with one of paper, is registered like any other. */
  function special(kind) {
    check.plateType = kind;
    if (kind === "none") check.plate = "";
    if (kind === "none") return onward();
    check.plate ||= beginning();
    pad = "letters";
    return draw();
  }
  function onward() {
    if (check.plate.length < 2 && check.plateType !== "none") {
      // Nothing but the province: the plate could not be read.
      check.plate = "";
    }
    checks.keep(check);
    go("check", { slot: checks.VEHICLE });
  }
  function turn(to) {
    pad = to;
    draw();
  }

  function draw() {
    checks.keep(check);
    const { plate } = check;
    const cell = (at) => {
      const classes = [at === plate.length && "now", at === LAST_ORDINARY && "ninth", at === LAST_ORDINARY && plate[at] && "set"];
      const what = ["cell", ...classes.filter(Boolean)].join(".");
      const inside = plate[at] ?? (at === LAST_ORDINARY ? "+" : "");
      return at === 0 ? h(`button.${what}.first`, { onclick: () => turn("province"), "aria-label": t("Province") }, inside) : h(`span.${what}`, null, inside);
    };
    fill(cells, Array.from({ length: LONGEST }, (_, at) => cell(at)));
    cells.dataset.plate = plate;
    fill(keys, pad === "province" ? province() : letters(plate));
    const whole = plate.length >= LAST_ORDINARY;
    const odd = whole && check.plateType === "" && plates.kindOf(plate) === "";
    hint.textContent = odd ? t("Not the usual shape; it can be registered all the same.") : described(check);
    const typed = plate.length >= 2;
    next.textContent = typed ? t("Next: temperatures") : t("Plate not readable: next");
    next.className = typed ? "button primary" : "button wide muted";
    void suggest();
  }
  const province = () =>
    provincePad({
      onCharacter: (each) => {
        check.plate = each + check.plate.slice(check.plate.startsWith("WJ") ? 2 : 1);
        pad = "letters";
        draw();
      },
      onErase: erase,
      onType: special,
    });
  const letters = (plate) =>
    lettersPad({
      onCharacter: type,
      onErase: erase,
      endings,
      onEndings: () => {
        endings = !endings;
        draw();
      },
      digits: !(plate.length === 1 && plates.PROVINCES.includes(plate)),
    });
  async function suggest() {
    const { plate } = check;
    const found = plate.length >= LAST_ORDINARY ? [] : await seen.suggestions(plate);
    if (check.plate !== plate) return;
    fill(
      chips,
      found.map((each) => h("button.chip", { onclick: () => choose(each) }, plates.shown(each))),
    );
  }

  draw();
  lay(root, { page: [cells, hint, h("div.fills", null), chips, keys], foot: [next], tabs: tabs("vehicle", go) });
}
