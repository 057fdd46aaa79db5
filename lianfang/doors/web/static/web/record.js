// A form of the pack: rows that are added and taken away, questions that only apply to some answers.
(() => {
  "use strict";
  const form = document.querySelector("form[data-record]");
  if (!form) return;

  for (const repeat of form.querySelectorAll("[data-repeat]")) {
    const rows = repeat.querySelector("[data-rows]");
    const blank = repeat.querySelector("template");
    const add = repeat.querySelector("[data-add]");
    const remove = repeat.querySelector("[data-remove]");
    let next = rows.children.length;
    const show = () => { add.hidden = false; remove.hidden = rows.children.length < 2; };
    add.addEventListener("click", () => {
      const row = document.createElement("div");
      row.innerHTML = blank.innerHTML.replaceAll("__row__", String(next++));
      const made = row.firstElementChild;
      rows.append(made);
      made.querySelector("input, select")?.focus();
      show();
    });
    remove.addEventListener("click", () => { rows.lastElementChild.remove(); show(); });
    show();
  }

  const answer = (name) => {
    const field = form.elements.namedItem(name);
    return field ? field.value : "";
  };

  const settle = () => {
    for (const field of form.querySelectorAll("[data-relevant]")) {
      const wanted = Object.entries(JSON.parse(field.dataset.relevant));
      const applies = wanted.every(([name, value]) => answer(name) === value);
      field.hidden = !applies;
      for (const input of field.querySelectorAll("input, select, textarea")) input.disabled = !applies;
    }
  };
  form.addEventListener("change", settle);
  settle();

  // Sent once: the ticket makes a second press harmless, the button says that the first is under way.
  form.addEventListener("submit", () => { const button = form.querySelector("button.primary"); setTimeout(() => { button.disabled = true; }); });
  form.querySelector(".faulty input, .faulty select, .faulty textarea")?.focus();
})();
