// The desk: figures go where the cursor was, findings are put right where they stand, nothing unsaved is lost unasked.
(() => {
  "use strict";

  let last = document.querySelector("textarea[data-body]");
  let unsaved = false;

  document.addEventListener("focusin", (event) => {
    if (event.target.matches("textarea[data-body]")) last = event.target;
  });

  const put = (area, start, end, text) => {
    area.closest("details")?.setAttribute("open", "");
    area.setRangeText(text, start, end, "end");
    area.focus();
    unsaved = true;
  };

  document.addEventListener("click", (event) => {
    const insert = event.target.closest("[data-insert]");
    if (insert && last) put(last, last.selectionStart, last.selectionEnd, insert.dataset.insert);
    if (event.target.closest("[data-mark]") && last) {
      put(last, last.selectionStart, last.selectionEnd, `[[${last.value.slice(last.selectionStart, last.selectionEnd)}]]`);
    }
    const fix = event.target.closest("[data-fix]");
    if (fix) {
      const area = document.getElementById(fix.dataset.fix);
      // Positions were counted in whole characters, the browser counts in halves of rare ones.
      const begin = [...area.defaultValue].slice(0, Number(fix.dataset.start)).join("").length;
      const end = begin + [...area.defaultValue.slice(begin)].slice(0, Number(fix.dataset.length)).join("").length;
      const old = area.defaultValue.slice(begin, end);
      // After an earlier change the words may have moved: look for them nearest to where they were.
      let at = area.value.indexOf(old, Math.max(0, begin - 40));
      if (at < 0) at = area.value.indexOf(old);
      if (at < 0) return;
      put(area, at, at + old.length, fix.dataset.right);
      fix.closest("li").remove();
    }
  });

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-filter]")) {
      const sought = event.target.value.trim().toLowerCase();
      for (const each of document.querySelectorAll(".picks li")) {
        each.hidden = !each.textContent.toLowerCase().includes(sought);
      }
    }
    if (event.target.closest("form[data-desk]")) unsaved = true;
  });

  document.addEventListener("submit", () => { unsaved = false; });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
})();
