// Live regions: <div id data-refresh-url data-refresh-seconds>, made by ui.auto_refresh.
(function () {
  "use strict";
  const { text } = window.Shouwang;

  function clockTime() {
    return new Date().toLocaleTimeString(document.documentElement.lang, { hour12: false });
  }

  function watch(region) {
    const state = document.querySelector('[data-live-state="' + region.id + '"]');
    const seconds = Math.max(2, Number(region.dataset.refreshSeconds) || 10);
    let last = clockTime();
    let timer = null;

    function say(message, stale) {
      if (!state) return;
      state.textContent = message;
      state.classList.toggle("stale", stale);
    }

    function put(html) {
      const page = new DOMParser().parseFromString(html, "text/html");
      const same = page.getElementById(region.id);
      const focused = document.activeElement && region.contains(document.activeElement) ? document.activeElement.id : "";
      region.innerHTML = same ? same.innerHTML : page.body.innerHTML;
      if (focused && document.getElementById(focused)) document.getElementById(focused).focus();
      region.dispatchEvent(new CustomEvent("shouwang:refreshed", { bubbles: true }));
    }

    async function refresh() {
      if (document.hidden || region.querySelector("dialog[open]")) return plan();
      try {
        const answer = await fetch(region.dataset.refreshUrl, { headers: { "X-Requested-With": "fetch" }, cache: "no-store" });
        // A followed redirect ends at the login page with 200: never show that inside the region.
        if (answer.redirected || answer.status === 401) return say(text("signedOut"), true);
        if (!answer.ok) throw new Error(String(answer.status));
        put(await answer.text());
        last = clockTime();
        say(text("updated", { time: last }), false);
        if (answer.headers.get("X-Refresh") === "stop") return undefined;
      } catch (error) {
        say(text("refreshFailed", { time: last }), true);
      }
      return plan();
    }

    function plan() {
      clearTimeout(timer);
      timer = setTimeout(refresh, seconds * 1000);
    }

    document.addEventListener("visibilitychange", () => { if (!document.hidden) { clearTimeout(timer); refresh(); } });
    plan();
  }

  document.querySelectorAll("[data-refresh-url]").forEach(watch);
})();
