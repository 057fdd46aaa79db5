// What is heard and felt: a click for a key, a chord for done, an alarm for fever and for "not allowed".

import * as store from "./store.js";

let context = null;
let silent = false;

/** Read whether the sound has been turned off on this phone; vibration stays. */
export async function load() {
  silent = (await store.meta("silent")) ?? false;
}

export const isSilent = () => silent;

export async function setSilent(value) {
  silent = value;
  await store.setMeta("silent", value);
}

function tone(at, pitch, length, loud) {
  const source = context.createOscillator();
  const gain = context.createGain();
  source.type = "square";
  source.frequency.value = pitch;
  gain.gain.setValueAtTime(loud, at);
  gain.gain.exponentialRampToValueAtTime(0.001, at + length);
  source.connect(gain).connect(context.destination);
  source.start(at);
  source.stop(at + length);
}

function play(notes, pattern) {
  // Browsers without vibration, or with a sound device that is away, are no reason to stop working.
  navigator.vibrate?.(pattern);
  if (silent || !("AudioContext" in window)) return;
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => undefined);
  const start = context.currentTime + 0.01;
  for (const [after, pitch, length, loud] of notes) tone(start + after, pitch, length, loud);
  document.dispatchEvent(new CustomEvent("field:sound", { detail: notes.length }));
}

/** A key was pressed. */
export const key = () => navigator.vibrate?.(8);

/** Something was kept. */
export const done = () => play([[0, 880, 0.09, 0.12], [0.1, 1320, 0.14, 0.12]], 30);

/** Fever: three rising calls. */
export const fever = () =>
  play([0, 0.3, 0.6].flatMap((after) => [[after, 660, 0.14, 0.3], [after + 0.14, 990, 0.14, 0.3]]), [
    200, 80, 200, 80, 400,
  ]);

/** Not allowed: two low calls. */
export const no = () => play([[0, 220, 0.3, 0.3], [0.38, 196, 0.42, 0.3]], [300, 100, 300]);

/** Time is up: look here. */
export const call = () => play([[0, 1047, 0.12, 0.25], [0.2, 1047, 0.12, 0.25], [0.4, 1047, 0.25, 0.25]], [120, 60, 120]);
