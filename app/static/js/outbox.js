// The outbox: what a worker logs is kept in this phone first, then sent; nothing is lost when the network or the login is.
// Entries belong to the user who made them. Each lies under a key of its own, so that two open pages cannot overwrite
// each other's. The server knows every entry by its client_id and stores it once, however often it arrives.
(function () {
  "use strict";
  const holder = document.getElementById("work-data");
  if (!holder || !window.Shouwang) return;
  const work = JSON.parse(holder.textContent);
  const PREFIX = "shouwang.outbox." + work.user + ".";
  const DONE_KEY = "shouwang.done." + work.user;
  const DONE_KEPT = 500; // finished task ids, so that a page saved for offline use does not show them again
  const RETRY_MS = 10000;
  const unsaved = new Map(); // entries the phone refused to keep (private browsing, full storage)
  let state = "idle"; // idle | sending | offline | signed-out | other-user | trouble
  let running = null;

  function tell(name, detail) {
    document.dispatchEvent(new CustomEvent("outbox:" + name, { detail }));
  }

  function newId() {
    if (window.crypto.randomUUID) return window.crypto.randomUUID();
    const bytes = window.crypto.getRandomValues(new Uint8Array(16)); // randomUUID is missing on plain http
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  function list() {
    const entries = Array.from(unsaved.values());
    try {
      for (let i = 0; i < localStorage.length; i += 1) {
        const key = localStorage.key(i);
        if (!key.startsWith(PREFIX)) continue;
        try { entries.push(JSON.parse(localStorage.getItem(key))); } catch (error) { /* half-written by a dying phone */ }
      }
    } catch (error) { /* storage is switched off: only this page's memory is left */ }
    return entries.sort((a, b) => a.made - b.made);
  }

  function keep(entry) {
    try {
      localStorage.setItem(PREFIX + entry.body.client_id, JSON.stringify(entry));
      unsaved.delete(entry.body.client_id);
    } catch (error) {
      unsaved.set(entry.body.client_id, entry);
    }
  }

  function forget(entry) {
    unsaved.delete(entry.body.client_id);
    try { localStorage.removeItem(PREFIX + entry.body.client_id); } catch (error) { /* nothing was kept */ }
  }

  function doneTasks() {
    try { return JSON.parse(localStorage.getItem(DONE_KEY) || "[]"); } catch (error) { return []; }
  }

  function rememberDone(taskIds) {
    try { localStorage.setItem(DONE_KEY, JSON.stringify(doneTasks().concat(taskIds).slice(-DONE_KEPT))); } catch (error) { /* the next page load asks the server */ }
  }

  /** body: what the server gets; shown: {name, tasks}, what this page needs to know of it. */
  function add(body, shown) {
    const entry = { body: Object.assign({ client_id: newId(), user: work.user }, body), shown, made: Date.now() };
    keep(entry);
    tell("changed");
    return flush().then(() => entry);
  }

  function set(next) {
    if (state === next) return;
    state = next;
    tell("changed");
  }

  async function openSession() {
    let answer;
    try {
      answer = await fetch(work.sessionUrl, { headers: { Accept: "application/json" }, redirect: "manual", cache: "no-store" });
    } catch (error) {
      set("offline");
      return null;
    }
    if (answer.status === 401 || answer.type === "opaqueredirect") { set("signed-out"); return null; }
    if (answer.status !== 200) { set("trouble"); return null; }
    const session = await answer.json();
    if (session.user !== work.user) { set("other-user"); return null; }
    return session;
  }

  async function reasonOf(answer) {
    try { return (await answer.json()).message || ""; } catch (error) { return ""; }
  }

  /** True: go on with the next entry. Exactly 204 is success: a login page, reached by redirect, answers 200. */
  async function send(entry, token) {
    let answer;
    try {
      answer = await fetch(entry.body.kind === "file" ? work.fileUrl : work.logUrl, {
        method: "POST", redirect: "manual", body: JSON.stringify(Object.assign({ age_s: Math.max(0, Math.round((Date.now() - entry.made) / 1000)) }, entry.body)),
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
      });
    } catch (error) {
      set("offline");
      return false;
    }
    if (answer.status === 204) {
      rememberDone(entry.shown.tasks);
      forget(entry);
      tell("sent", entry);
      return true;
    }
    if (answer.status === 401 || answer.type === "opaqueredirect") { set("signed-out"); return false; }
    if ([403, 404, 409, 422].includes(answer.status)) {
      entry.refused = (await reasonOf(answer)) || window.Shouwang.text("failed");
      keep(entry);
      tell("refused", entry);
      return true;
    }
    set("trouble"); // 400 stale token, 429, 5xx: the entry is as good as before
    return false;
  }

  async function sendAll() {
    if (!list().some((entry) => !entry.refused)) { set("idle"); return; }
    const session = await openSession();
    if (!session) return;
    set("sending");
    for (const entry of list().filter((one) => !one.refused)) {
      if (!(await send(entry, session.token))) return;
    }
    set("idle");
    tell("emptied");
  }

  function flush() {
    if (!running) {
      running = sendAll().finally(() => { running = null; tell("changed"); });
    }
    return running;
  }

  function retry(clientId) {
    const entry = list().find((one) => one.body.client_id === clientId);
    if (!entry) return;
    delete entry.refused;
    keep(entry);
    flush();
  }

  function drop(clientId) {
    const entry = list().find((one) => one.body.client_id === clientId);
    if (entry) { forget(entry); tell("changed"); }
  }

  window.addEventListener("online", flush);
  window.addEventListener("storage", (event) => { if (event.key && event.key.startsWith(PREFIX)) tell("changed"); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
  setInterval(() => { if (state !== "other-user" && list().some((entry) => !entry.refused)) flush(); }, RETRY_MS);

  // Offline reload needs a service worker, which browsers offer over https (or on the phone itself) only.
  const canReload = "serviceWorker" in navigator && window.isSecureContext;
  function saveForOffline() {
    if (!canReload) return;
    navigator.serviceWorker.ready.then((registration) => {
      const assets = Array.from(document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]"), (node) => node.href || node.src);
      registration.active.postMessage({ kind: "keep", user: work.user, page: work.pageUrl, assets });
    });
  }
  if (canReload) navigator.serviceWorker.register("/sw.js").then(saveForOffline, () => {});
  document.addEventListener("outbox:emptied", saveForOffline);

  window.ShouwangOutbox = {
    add, canReload, doneTasks, drop, flush, list, retry, work,
    get state() { return state; },
    get isVolatile() { return unsaved.size > 0; },
  };
  flush();
})();
