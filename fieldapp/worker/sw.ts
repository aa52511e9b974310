/// <reference lib="webworker" />
/**
 * The service worker: the whole app is put into one cache when a version is installed and served from it, with or
 * without a server. It touches nothing but the files of its own list: requests to /api/ are never cached.
 * A new version waits until the person on the phone consents; a delivery is never reloaded away.
 */

declare const self: ServiceWorkerGlobalScope;

/** Both are filled in by precache.mjs. */
const VERSION = "__BETANG_VERSION__";
const FILES = "__BETANG_FILES__".split("|");

const SCOPE = "/lapangan/";
const CACHE = `betang-app-${VERSION}`;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.addAll(FILES.map((file) => new Request(SCOPE + file, { cache: "reload" })))),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith("betang-app-") && name !== CACHE) await caches.delete(name);
      }
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "install-now") void self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (!url.pathname.startsWith(SCOPE)) return;
  const file = url.pathname.slice(SCOPE.length);
  const wanted = event.request.mode === "navigate" ? "" : file;
  if (!FILES.includes(wanted)) return;
  event.respondWith(
    caches.open(CACHE).then(async (cache) => (await cache.match(SCOPE + wanted)) ?? fetch(event.request)),
  );
});

export {};
