// The words on the screen: English in the code, Chinese from the door's catalogue, which the server hands over as JSON.

export const LANGUAGES = ["zh-hans", "en"];

let spoken = LANGUAGES[0];
let catalogue = {};

/**
 * Load the words of a language; they are among the files kept for offline use.
 * @param {string} wanted `zh-hans` or `en`
 */
export async function speak(wanted) {
  const answer = await fetch(`/field/words/${wanted}.json`);
  catalogue = (await answer.json()).catalog;
  spoken = wanted;
  document.documentElement.lang = wanted === "en" ? "en" : "zh-CN";
}

/** The language spoken now. */
export const language = () => spoken;

/**
 * Say a sentence.
 * @param {string} sentence in English, with `{names}` for values
 * @param {Record<string, string | number>} values
 */
export function t(sentence, values = {}) {
  const words = catalogue[sentence] ?? sentence;
  return words.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Read a text of the pack, which comes in both languages or as one word. */
export function text(told) {
  if (told === null || told === undefined) return "";
  return typeof told === "string" ? told : (told[spoken] ?? told["zh-hans"] ?? "");
}
