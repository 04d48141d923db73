// Offline reload of the task list: keeps that page and what it is made of. Everything else goes to the network.
"use strict";
const ASSETS = "shouwang-assets-1";
const PAGES = "shouwang-pages-1"; // one user's task list; emptied at log-out and when another user opens it
const OWNER = "/__owner__"; // whose pages these are
const KEPT = [ASSETS, PAGES];

self.addEventListener("install", (event) => { event.waitUntil(self.skipWaiting()); });

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("shouwang-") && !KEPT.includes(name)).map((name) => caches.delete(name))))
      .then(() => self.clients.claim())
  );
});

async function keepFor(message) {
  const pages = await caches.open(PAGES);
  const owner = await pages.match(OWNER);
  if (owner && (await owner.text()) !== String(message.user)) await caches.delete(PAGES);
  await (await caches.open(PAGES)).put(OWNER, new Response(String(message.user)));
  await Promise.all([keepPage(message.page), keepAssets(message.assets)]);
}

async function keepPage(address) {
  const answer = await fetch(address, { credentials: "same-origin", cache: "no-store", redirect: "manual" });
  if (answer.ok) await (await caches.open(PAGES)).put(address, answer);
}

/** Addresses carry a version, so one that is kept is never stale; those the page no longer names are dropped. */
async function keepAssets(addresses) {
  const cache = await caches.open(ASSETS);
  const known = (await cache.keys()).map((request) => request.url);
  await Promise.all(known.filter((url) => !addresses.includes(url)).map((url) => cache.delete(url)));
  await Promise.all(addresses.filter((url) => !known.includes(url)).map((url) => cache.add(url).catch(() => {})));
}

self.addEventListener("message", (event) => {
  if (event.data && event.data.kind === "keep") event.waitUntil(keepFor(event.data).catch(() => {})); // offline: the old copy stays
});

async function pageOrKept(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await caches.open(PAGES)).match(request.url.split("#")[0], { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (url.pathname === "/logout/") event.waitUntil(caches.delete(PAGES)); // a shared phone keeps nobody's list
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    if (url.pathname === "/work/") event.respondWith(pageOrKept(request));
    return;
  }
  if (url.pathname.startsWith("/static/")) {
    event.respondWith(caches.open(ASSETS).then((cache) => cache.match(request)).then((kept) => kept || fetch(request)));
  }
});
