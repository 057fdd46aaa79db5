// One event stream shared by everything on the page; it comes back by itself and asks for what it missed.
window.live = (() => {
  "use strict";
  const STALE_MS = 30000;
  const REFRESH_MS = 2000;
  const listeners = new Set();
  const tokenAt = document.body.dataset.live;
  let last = "";
  let heard = Date.now();
  let source = null;
  let wait = 1000;

  const tell = (event) => { for (const listener of listeners) listener(event); };

  async function connect() {
    let opened;
    try {
      const answer = await fetch(tokenAt, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (answer.redirected || !answer.ok) throw new Error("no token");
      opened = await answer.json();
    } catch { return again(); }
    const address = new URL(opened.url);
    address.searchParams.set("token", opened.token);
    if (last) address.searchParams.set("after", last);
    source = new EventSource(address);
    source.addEventListener("open", () => { wait = 1000; alive(); });
    source.addEventListener("entry", (event) => { last = event.lastEventId || last; alive(); tell({ type: "entry", ...JSON.parse(event.data) }); });
    source.addEventListener("beat", (event) => { last = event.lastEventId || last; const said = JSON.parse(event.data); alive(); tell({ type: "beat", ...said }); });
    source.addEventListener("reset", (event) => { last = event.lastEventId || last; alive(); tell({ type: "reset" }); });
    // The browser would come back with the same, by then worn-out token: we come back with a new one.
    source.addEventListener("error", () => { source.close(); again(); });
  }

  function again() { setTimeout(connect, wait); wait = Math.min(wait * 2, 15000); }

  function alive() {
    heard = Date.now();
    for (const mark of document.querySelectorAll("[data-asof]")) mark.classList.remove("stale");
  }

  setInterval(() => {
    if (Date.now() - heard < STALE_MS) return;
    for (const mark of document.querySelectorAll("[data-asof]")) mark.classList.add("stale");
    tell({ type: "stale" });
  }, 2000);

  // Parts of a page marked data-live-part are fetched anew when something happened, at most every two seconds.
  let dirty = false;
  let busy = 0;
  listeners.add((event) => { if (event.type === "entry" || event.type === "reset") dirty = true; });
  setInterval(() => {
    if (!dirty || document.hidden || Date.now() < busy) return;
    dirty = false;
    busy = Date.now() + REFRESH_MS;
    document.body.dispatchEvent(new CustomEvent("live"));
  }, REFRESH_MS);

  // What was fetched anew says as of when it is; the top bar says the same.
  document.addEventListener("htmx:after:swap", () => {
    const now = document.querySelector("[data-asof-now]");
    if (now) for (const mark of document.querySelectorAll("[data-asof]")) mark.textContent = now.textContent;
  });

  if (tokenAt) connect();
  return { listen: (listener) => listeners.add(listener) };
})();
