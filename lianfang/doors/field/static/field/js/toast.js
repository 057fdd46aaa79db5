// One line at the top that says what has just been done, and goes by itself.

import { fill, icon } from "./ui.js";

const SIGN = { good: "ok", attention: "warn", bad: "stop" };
const LASTS = 2_600;
// A screen that follows at once belongs to the same step; the next one does not.
const SAME_STEP = 600;
let timer = 0;
let shownAt = 0;

/**
 * Say it.
 * @param {string} words
 * @param {"good" | "attention" | "bad"} tone
 */
export function toast(words, tone = "good") {
  const box = document.getElementById("toast");
  box.dataset.tone = tone;
  fill(box, icon(SIGN[tone]), words);
  box.hidden = false;
  shownAt = performance.now();
  clearTimeout(timer);
  timer = setTimeout(hush, tone === "good" ? LASTS : LASTS * 2);
}

/** Take it away. */
function hush() {
  document.getElementById("toast").hidden = true;
}

/** Another screen comes: what was said about an earlier step goes. */
export function moveOn() {
  if (performance.now() - shownAt > SAME_STEP) hush();
}
