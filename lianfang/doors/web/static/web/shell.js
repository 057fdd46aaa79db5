// Small behaviours of the shell: menus that close, sheets with their own address, toasts that go.
(() => {
  "use strict";

  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.drop[open], details.more[open]")) if (menu !== except) menu.open = false;
  };

  document.addEventListener("click", (event) => {
    const menu = event.target.closest("details.drop, details.more");
    closeMenus(menu);
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, input, select, label")) row.querySelector("a[data-main]")?.click();
    if (event.target.closest("[data-print]")) window.print();
    const close = event.target.closest("#sheet a[data-close]");
    if (close) {
      event.preventDefault();
      document.getElementById("sheet").replaceChildren();
      if (location.pathname !== close.pathname) history.pushState(null, "", close.href);
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      closeMenus(null);
      document.querySelector("#sheet a[data-close]")?.click();
    }
    if (event.key === "/" && !event.target.closest("input, textarea, select")) {
      const find = document.querySelector(".find input");
      if (find) { event.preventDefault(); find.focus(); }
    }
  });

  // A select or date in a form marked so is applied when it changes.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-apply]");
    if (form) form.requestSubmit();
  });

  // The sheet takes the focus when it opens, so that a keyboard can read and close it.
  document.addEventListener("htmx:after:swap", () => {
    const sheet = document.querySelector("#sheet .sheet");
    if (sheet && !sheet.contains(document.activeElement)) sheet.focus();
  });

  for (const toast of document.querySelectorAll(".toasts .banner")) setTimeout(() => toast.remove(), 8000);
})();
