/* Branches of the grid tree are fetched when they are first opened; the server's fragment holds nothing but links. */
(function () {
  "use strict";

  function show(toggle, body, open) {
    toggle.setAttribute("aria-expanded", String(open));
    body.hidden = !open;
  }

  async function fetchBranch(toggle, body) {
    toggle.dataset.loaded = "1";
    body.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(toggle.dataset.branch, { redirect: "manual" });
      if (!answer.ok) throw new Error(String(answer.status));
      body.innerHTML = await answer.text();
    } catch (error) {
      delete toggle.dataset.loaded; // opening again tries again
      show(toggle, body, false);
      window.Shouwang.toast(window.Shouwang.text("failed"), "danger");
    } finally {
      body.removeAttribute("aria-busy");
    }
  }

  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-branch]");
    if (!toggle) return;
    const body = document.getElementById(toggle.getAttribute("aria-controls"));
    show(toggle, body, body.hidden);
    if (!body.hidden && !toggle.dataset.loaded) fetchBranch(toggle, body);
  });
})();
