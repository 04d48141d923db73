/* Branches of the grid tree are fetched when they are first opened; the server's fragment holds nothing but links. */
(function () {
  "use strict";
  document.addEventListener("toggle", async function (event) {
    const branch = event.target;
    if (!branch.dataset || !branch.dataset.branch || !branch.open || branch.dataset.loaded) return;
    branch.dataset.loaded = "1";
    const body = branch.querySelector("[data-branch-body]");
    body.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(branch.dataset.branch, { redirect: "manual" });
      if (!answer.ok) throw new Error(String(answer.status));
      body.innerHTML = await answer.text();
    } catch (error) {
      delete branch.dataset.loaded; // closing and opening tries again
      branch.open = false;
    } finally {
      body.removeAttribute("aria-busy");
    }
  }, true);
})();
