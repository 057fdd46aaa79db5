// Making elements. No framework: a screen is built once, and only what changes is replaced.

/**
 * Make an element: `h("button.key.wide", { onclick }, "5")`.
 * @param {string} what tag and classes
 * @param {Record<string, unknown> | null} how listeners (`on…`), properties of ARIA and data, attributes
 * @param {...(Node | string | number | null | false | undefined)} inside
 * @returns {HTMLElement}
 */
export function h(what, how, ...inside) {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(how ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  if (tag === "button" && !element.hasAttribute("type")) element.type = "button";
  fill(element, ...inside);
  return element;
}

/** Replace what is inside an element. */
export function fill(element, ...inside) {
  element.replaceChildren(
    ...inside.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false && each !== ""),
  );
  return element;
}

/** Show or hide an element without taking it out. */
export function show(element, visible) {
  element.hidden = !visible;
}

const SVG = "http://www.w3.org/2000/svg";
const DRAWN = {
  back: "M15 5l-7 7 7 7",
  erase: "M8 5h12v14H8l-6-7zM12 9l5 6M17 9l-5 6",
  ok: "M4 13l5 5L20 6",
  warn: "M12 3l10 18H2zM12 10v5M12 18v.5",
  stop: "M7 3h10l4 4v10l-4 4H7l-4-4V7zM7 12h10",
  wait: "M12 3a9 9 0 100 18 9 9 0 000-18zM12 7v5l4 2",
  car: "M4 16v-4l2-6h12l2 6v4zM4 16v3M20 16v3M4 12h16",
  person: "M12 4a4 4 0 110 8 4 4 0 010-8zM4 21c0-5 4-7 8-7s8 2 8 7",
  scan: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16",
  more: "M4 7h16M4 12h16M4 17h16",
  clinic: "M4 4h16v16H4zM12 8v8M8 12h8",
  queue: "M3 17h4v-4H3zM10 17h4v-4h-4zM17 17h4v-4h-4zM3 8h18",
  drop: "M12 3c4 5 6 8 6 11a6 6 0 11-12 0c0-3 2-6 6-11z",
  lock: "M6 11h12v10H6zM8 11V8a4 4 0 118 0v3",
};

/** Draw one of the house's few signs; always beside a word. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", DRAWN[name]);
  svg.append(path);
  return svg;
}
