// A hidden number is shown after a reason was chosen; the server writes both into the audit trail.
(function () {
  "use strict";
  const sheet = document.getElementById("reveal-sheet");
  if (!sheet) return;
  const form = sheet.querySelector("[data-reveal-form]");
  const error = form.querySelector("[data-error]");
  let asked = null;

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-reveal-ask]");
    if (!button) return;
    asked = button;
    form.reset();
    error.hidden = true;
    form.querySelectorAll(".choice-lg").forEach((choice) => choice.classList.remove("is-checked"));
    sheet.showModal();
  });
  sheet.addEventListener("close", () => { if (asked && asked.isConnected) asked.focus(); });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const reason = new FormData(form).get("reason");
    error.hidden = Boolean(reason);
    if (!reason) return;
    const body = new URLSearchParams({ reason });
    let answer = null;
    try {
      answer = await fetch(asked.dataset.revealAsk, { method: "POST", body, headers: { "X-CSRFToken": window.Shouwang.csrfToken() }, redirect: "manual" });
    } catch (failure) { /* no network: said below */ }
    sheet.close();
    if (!answer || !answer.ok) { window.Shouwang.toast(window.Shouwang.text("failed"), "danger"); return; }
    asked.closest(".masked").querySelector("[data-masked]").textContent = await answer.text();
    asked.remove();
  });
})();
