// Keypads of our own: large, always in the same place, usable in gloves; the system's keyboard never comes up.

import * as plates from "./plates.js";
import * as signals from "./signals.js";
import { h, icon } from "./ui.js";
import { t } from "./words.js";

function key(label, press, { kind = "", name, disabled = false } = {}) {
  const tap = () => {
    signals.key();
    press();
  };
  return h(`button.key${kind}`, { onclick: tap, "aria-label": name, disabled }, label);
}

const erase = (press) => key(icon("erase"), press, { name: t("Erase") });

/** The first character: provinces, and the two kinds of number that begin otherwise. */
export function provincePad({ onCharacter, onErase, onType }) {
  return h(
    "div.pad.six",
    { "data-pad": "province" },
    plates.PROVINCES.map((each) => key(each, () => onCharacter(each))),
    key("使", () => onCharacter("使")),
    key("WJ", () => onCharacter("WJ"), { kind: ".word" }),
    key(t("Temp."), () => onType("temporary"), { kind: ".word", name: t("Temporary plate") }),
    key(t("No plate"), () => onType("none"), { kind: ".word" }),
    erase(onErase),
  );
}

/** Letters and digits: digits above, the last row turns to the characters some plates end with. */
export function lettersPad({ onCharacter, onErase, digits = true, endings = false, onEndings }) {
  const keys = [...plates.DIGITS, ...plates.LETTERS].map((each) =>
    key(each, () => onCharacter(each), { disabled: !digits && /\d/.test(each) }),
  );
  const swap = plates.ENDINGS.map((each) => key(each, () => onCharacter(each)));
  const grid = endings ? [...keys.slice(0, 28), ...swap] : keys;
  return h(
    "div.pad.six",
    { "data-pad": "letters" },
    grid,
    key(endings ? "ABC" : "挂学", onEndings, { kind: ".word", name: endings ? t("Letters") : t("Other endings") }),
    erase(onErase),
  );
}

/** Digits only, with one key of the caller's own in the corner. */
export function digitsPad({ onDigit, onErase, corner = null }) {
  const digits = [..."123456789"].map((each) => key(each, () => onDigit(each), { kind: ".tall" }));
  const left = corner ? key(corner.label, corner.press, { kind: ".tall" }) : h("span", null);
  return h("div.pad.three", { "data-pad": "digits" }, digits, left, key("0", () => onDigit("0"), { kind: ".tall" }), erase(onErase));
}

const DEGREES = [34, 35, 36, 37, 38, 39, 40, 41];
const USUAL = 36;

/**
 * Temperatures: one tap from 36.0 to 36.9, two for any other from 34.0 to 41.9.
 * @param {(celsius: number) => void} onReading
 * @param {() => void} onErase
 * @param {number} threshold at and above it a reading is shown as fever
 */
export function temperaturePad({ onReading, onErase, threshold }) {
  const pad = h("div.pad", { "data-pad": "temperature" });
  let whole = USUAL;
  const tenths = () =>
    Array.from({ length: 10 }, (_, tenth) => {
      const celsius = Number(`${whole}.${tenth}`);
      const press = () => {
        whole = USUAL;
        build();
        onReading(celsius);
      };
      return key(celsius.toFixed(1), press, { kind: celsius >= threshold ? ".tall.hot" : ".tall" });
    });
  const degree = (each) => {
    const made = key(String(each), () => {
      whole = each;
      build();
    });
    made.setAttribute("aria-pressed", String(each === whole));
    made.dataset.degree = each;
    return made;
  };
  const build = () =>
    pad.replaceChildren(
      h("div.pad.five", null, DEGREES.map(degree), h("span", null), onErase ? erase(onErase) : h("span", null)),
      // The ten keys that are used most lie where the thumb is.
      h("div.pad.five", null, tenths()),
    );
  build();
  return pad;
}
