// The draft of a record: saved while one writes, one saving at a time; rows are added as needed.
(() => {
  "use strict";
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const state = document.querySelector("[data-autosave-state]");
  const PAUSE = 2000;
  const RETRY = 10000;
  let timer = 0;
  let running = null;
  let dirty = false;

  function show(text, isBad) {
    state.textContent = text;
    state.classList.toggle("field-error", Boolean(isBad));
  }

  function later(pause) {
    window.clearTimeout(timer);
    timer = window.setTimeout(save, pause);
  }

  function save() {
    if (running || !dirty) return running;
    dirty = false;
    show(form.dataset.wordsSaving);
    running = window.fetch(form.action, {
      method: "POST", body: new FormData(form), headers: { "X-Autosave": "1" }, credentials: "same-origin", redirect: "error",
    }).then((answer) => answer.json().then((body) => ({ ok: answer.ok, body }))).then(({ ok, body }) => {
      if (ok) {
        document.querySelectorAll('input[name="revision"]').forEach((input) => { input.value = body.revision; });
        show(form.dataset.wordsSaved + " " + body.at);
      } else {
        show(body.message, true);
      }
    }).catch(() => {
      dirty = true;
      show(form.dataset.wordsFailed, true);
      later(RETRY);
    }).then(() => {
      running = null;
      if (dirty) later(PAUSE);
    });
    return running;
  }

  form.addEventListener("input", () => { dirty = true; later(PAUSE); });
  form.addEventListener("change", () => { dirty = true; later(PAUSE); });

  // What is under way must end first: it changes the revision that the form sends.
  form.addEventListener("submit", (event) => {
    window.clearTimeout(timer);
    dirty = false;
    if (!running) return;
    event.preventDefault();
    const button = event.submitter || document.activeElement;
    running.then(() => { dirty = false; if (button && button.form === form) button.click(); else form.submit(); });
  });

  document.querySelectorAll("[data-add-row]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      const rows = form.querySelector('[data-rows="' + button.dataset.addRow + '"]');
      const all = rows.querySelectorAll("[data-row]");
      const row = all[all.length - 1].cloneNode(true);
      row.querySelectorAll("input, select").forEach((control) => {
        control.name = control.name.replace(/-\d+-/, "-" + all.length + "-");
        if (control.type === "checkbox") control.checked = false;
        else if (control.tagName === "SELECT") control.selectedIndex = 0;
        else control.value = "";
      });
      rows.appendChild(row);
      row.querySelector("input:not([type=checkbox])").focus();
    });
  });
})();
