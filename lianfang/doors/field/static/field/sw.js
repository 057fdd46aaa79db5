// Keeps the whole app on the phone. The server writes `PRECACHE` (a version and every file with its digest) in front of
// this text, so that a new version is fetched whole and checked before it takes over; the queue lies in IndexedDB and
// is never touched from here.
/* global PRECACHE */

const NAME = "field-";
const CURRENT = NAME + PRECACHE.version;
const SHELL = "/field/";

self.addEventListener("install", (event) => event.waitUntil(fetchAll()));

async function fetchAll() {
  const cache = await caches.open(CURRENT);
  await Promise.all(
    PRECACHE.files.map(async ([path, integrity]) => {
      // A file of another version on the way (a proxy, a half-finished update) fails its digest, and the old app stays.
      const answer = await fetch(path, { cache: "no-cache", integrity, credentials: "same-origin" });
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
      await cache.put(path, answer);
    }),
  );
  // The first version has nobody to wait for.
  if (!self.registration.active) await self.skipWaiting();
}

self.addEventListener("activate", (event) => event.waitUntil(takeOver()));

async function takeOver() {
  for (const name of await caches.keys()) {
    if (name.startsWith(NAME) && name !== CURRENT) await caches.delete(name);
  }
  await self.clients.claim();
}

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (address.pathname.startsWith(SHELL)) event.respondWith(kept(SHELL, request));
  } else if (PRECACHE.files.some(([path]) => path === address.pathname)) {
    event.respondWith(kept(address.pathname, request));
  }
});

async function kept(path, request) {
  const cache = await caches.open(CURRENT);
  return (await cache.match(path)) ?? fetch(request);
}
