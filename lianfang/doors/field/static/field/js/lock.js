// A lock with a PIN, for a phone that lies on a table. It keeps curious hands off the screen; it does not encrypt.

import { digitsPad } from "./keypads.js";
import * as signals from "./signals.js";
import * as store from "./store.js";
import { fill, h, icon } from "./ui.js";
import { t } from "./words.js";

const LENGTH = 4;
const ROUNDS = 100_000;

async function digest(pin, salt) {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, key, 256);
  return Array.from(new Uint8Array(bits)).join(",");
}

/** Whether this browser can keep a PIN: only over HTTPS or on the machine itself. */
export const possible = () => Boolean(globalThis.crypto?.subtle);

/** Whether a PIN has been set. */
export const isSet = async () => Boolean(await store.meta("pin"));

/** Set the PIN, or with an empty word take it away. */
export async function set(pin) {
  if (!pin) return store.dropMeta("pin");
  const salt = crypto.getRandomValues(new Uint8Array(16));
  return store.setMeta("pin", { salt, digest: await digest(pin, salt) });
}

async function right(pin) {
  const kept = await store.meta("pin");
  return !kept || (await digest(pin, kept.salt)) === kept.digest;
}

/**
 * Ask for four digits over everything else.
 * @param {string} title
 * @param {(pin: string) => Promise<boolean>} accept
 * @param {boolean} mayLeave
 * @returns {Promise<string | null>} the digits, or null when left
 */
export function ask(title, accept, mayLeave) {
  return new Promise((resolve) => {
    let typed = "";
    const dots = h("div.dots", { "aria-live": "polite" });
    const hint = h("p.muted", null, " ");
    const cover = h("div.cover", { role: "dialog", "aria-modal": "true", "aria-label": title });
    const draw = () => fill(dots, Array.from({ length: LENGTH }, (_, at) => h(at < typed.length ? "span.dot.set" : "span.dot", null)));
    const end = (pin) => {
      cover.remove();
      resolve(pin);
    };
    const digit = async (each) => {
      if (typed.length === LENGTH) return;
      typed += each;
      draw();
      if (typed.length < LENGTH) return;
      if (await accept(typed)) return end(typed);
      signals.no();
      hint.textContent = t("That was not right. Try again.");
      typed = "";
      draw();
    };
    const eraseLast = () => {
      typed = typed.slice(0, -1);
      draw();
    };
    fill(
      cover,
      h("div.page", null, h("div.fills", null), h("div.middle", null, icon("lock"), h("h1", null, title), dots, hint)),
      h("div.foot", null, digitsPad({ onDigit: digit, onErase: eraseLast }), mayLeave && h("button.button", { onclick: () => end(null) }, t("Leave it"))),
    );
    draw();
    document.getElementById("stage").append(cover);
  });
}

/** Lock now, until the PIN is typed. */
export async function now() {
  if (await isSet()) {
    await store.setMeta("locked", true);
    await ask(t("Locked"), right, false);
    await store.setMeta("locked", false);
  }
}

/** A phone that was locked when it was closed opens locked. */
export async function onStart() {
  if (await store.meta("locked")) await now();
}

/** Choose a new PIN: typed twice. */
export async function choose() {
  const first = await ask(t("Choose four digits"), async () => true, true);
  if (first === null) return false;
  const second = await ask(t("The same four digits again"), async (pin) => pin === first, true);
  if (second === null) return false;
  await set(first);
  return true;
}
