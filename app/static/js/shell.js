// The frame of every page: large text, search key, notices, dialogs, toasts. Sets window.Shouwang for the other scripts.
(function () {
  "use strict";

  const strings = JSON.parse(document.getElementById("ui-strings").textContent);
  const YEAR = 365 * 24 * 3600;

  // A card cuts off what hangs over its edge; an opened list must not be cut.
  if (window.bootstrap) window.bootstrap.Dropdown.Default.popperConfig = { strategy: "fixed" };

  /** A translated text; {placeholders} are filled from `values`. */
  function text(key, values) {
    return Object.keys(values || {}).reduce((out, name) => out.replace("{" + name + "}", values[name]), strings[key] || key);
  }

  function csrfToken() {
    const meta = document.querySelector('meta[name="csrf-token"]');
    return meta ? meta.content : "";
  }

  /** Asks in the page's one dialog; resolves to true or false, and gives the focus back. */
  function ask(question, tone) {
    const dialog = document.getElementById("confirm-dialog");
    const opener = document.activeElement;
    dialog.querySelector("[data-confirm-text]").textContent = question;
    const ok = dialog.querySelector("[data-confirm-ok]");
    ok.className = "btn btn-" + (tone === "danger" ? "danger" : "primary");
    dialog.returnValue = "";
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => {
        if (opener) opener.focus();
        resolve(dialog.returnValue === "ok");
      }, { once: true });
      dialog.showModal();
      ok.focus();
    });
  }

  function toast(message, tone) {
    const note = document.createElement("div");
    note.className = "toast-note " + (tone || "");
    note.textContent = message;
    document.getElementById("toasts").appendChild(note);
    setTimeout(() => note.remove(), 6000);
  }

  /** Submits once: further clicks meet disabled buttons (one decision for a double click). */
  function submitOnce(form) {
    if (form.dataset.sent) return false;
    form.dataset.sent = "1";
    setTimeout(() => form.querySelectorAll("button:not([type=button])").forEach((button) => { button.disabled = true; }), 0);
    return true;
  }

  async function revealMasked(button) {
    const answer = await fetch(button.dataset.reveal, { method: "POST", headers: { "X-CSRFToken": csrfToken() }, redirect: "manual" });
    if (!answer.ok) return toast(text("failed"), "danger");
    button.closest(".masked").querySelector("[data-masked]").textContent = await answer.text();
    button.remove();
  }

  function openSheet(button) {
    const sheet = document.getElementById(button.dataset.sheet);
    Object.keys(button.dataset).filter((key) => key.startsWith("fill")).forEach((key) => {
      const name = key.charAt(4).toLowerCase() + key.slice(5);
      sheet.querySelectorAll('[name="' + name + '"]').forEach((input) => { input.value = button.dataset[key]; });
      sheet.querySelectorAll('[data-slot="' + name + '"]').forEach((slot) => { slot.textContent = button.dataset[key]; });
    });
    sheet.addEventListener("close", () => button.focus(), { once: true });
    sheet.showModal();
  }

  function toggleLargeText(button) {
    const on = document.documentElement.classList.toggle("large-text");
    button.setAttribute("aria-pressed", String(on));
    // A cookie, not the session: the choice must survive signing out.
    document.cookie = "large_text=" + (on ? "1" : "0") + ";path=/;max-age=" + YEAR + ";samesite=lax";
  }

  document.addEventListener("click", (event) => {
    const find = (selector) => event.target.closest(selector);
    const large = find("[data-large-text]");
    if (large) toggleLargeText(large);
    const dismiss = find("[data-dismiss-notice]");
    if (dismiss) dismiss.closest(".notice").remove();
    const reveal = find("[data-reveal]");
    if (reveal) revealMasked(reveal);
    const sheet = find("[data-sheet]");
    if (sheet) openSheet(sheet);
    const close = find("[data-close-dialog]");
    if (close) close.closest("dialog").close();
    if (find("[data-back]")) window.history.back();
    const print = find("[data-print]");
    if (print) window.print();
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.confirm && !form.dataset.confirmed) {
      event.preventDefault();
      ask(form.dataset.confirm, form.dataset.confirmTone).then((yes) => {
        if (!yes) return;
        form.dataset.confirmed = "1";
        if (form.requestSubmit) form.requestSubmit(); else if (submitOnce(form)) form.submit();
      });
      return;
    }
    if (form.hasAttribute("data-once") && !submitOnce(form)) event.preventDefault();
  });

  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const search = document.getElementById("global-q");
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  });

  // A chosen radio marks its card; :has() is missing on old WebViews.
  function markChoices(root) {
    root.querySelectorAll(".choice-lg").forEach((choice) => choice.classList.toggle("is-checked", choice.querySelector("input").checked));
  }
  document.addEventListener("change", (event) => {
    const group = event.target.closest(".choices");
    if (group) markChoices(group);
  });
  markChoices(document);

  // What is chosen in a row that runs over the edge, and the present page in a long menu, are brought into sight.
  document.querySelectorAll(".chips, .page-tabs").forEach((row) => {
    const present = row.querySelector("[aria-current]");
    if (present) row.scrollLeft = present.offsetLeft - row.offsetLeft - (row.clientWidth - present.offsetWidth) / 2;
  });
  const entry = document.querySelector(".menu [aria-current]");
  const menu = entry && entry.closest(".sidebar-nav");
  if (menu) menu.scrollTop += entry.getBoundingClientRect().top - menu.getBoundingClientRect().top - menu.clientHeight / 2;

  // Back-forward cache: a page shown again must be usable again.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      delete form.dataset.confirmed;
      form.querySelectorAll("button:disabled").forEach((button) => { button.disabled = false; });
    });
  });

  window.Shouwang = { ask, csrfToken, submitOnce, text, toast };
})();
