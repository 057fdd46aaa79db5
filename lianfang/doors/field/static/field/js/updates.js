// New versions of this app: fetched whole in the background, taken up between two cars, never in the middle of one.

import * as store from "./store.js";

let waiting = null;
let ready = false;

/** Register the worker that keeps the app for days without a line; where there is none, the post works on line only. */
export async function start() {
  await store.setMeta("persistent", await store.persist());
  if (!("serviceWorker" in navigator)) return;
  const hadOne = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    // The first worker takes over silently; a later one brings new files.
    if (hadOne || waiting) location.reload();
  });
  navigator.serviceWorker.ready.then(() => {
    ready = true;
    document.documentElement.dataset.offline = "ready";
  });
  try {
    const registration = await navigator.serviceWorker.register("/field/sw.js", { scope: "/field/", updateViaCache: "none" });
    watch(registration);
    registration.addEventListener("updatefound", () => watch(registration));
  } catch (fault) {
    // Some browsers inside other apps forbid it, and without a line it cannot be asked: "More" says whether it is there.
    console.warn(`no worker: ${fault}`);
  }
}

/** Whether the app would start without a line. */
export const offlineReady = () => ready;

function watch(registration) {
  waiting = registration.waiting ?? waiting;
  const coming = registration.installing;
  coming?.addEventListener("statechange", () => {
    if (coming.state === "installed" && navigator.serviceWorker.controller) {
      waiting = coming;
      document.dispatchEvent(new CustomEvent("field:update"));
    }
  });
}

/** A root screen has just been shown with nothing typed: a good moment for a version that waits. */
export async function idle() {
  // Asked anew each time: the events that tell of it may have come before anybody listened.
  const registration = await navigator.serviceWorker?.getRegistration("/field/");
  waiting = registration?.waiting ?? waiting;
  waiting?.postMessage("take over");
}

/** Look for a new version now. */
export async function look() {
  const registration = await navigator.serviceWorker?.getRegistration("/field/");
  await registration?.update();
}
