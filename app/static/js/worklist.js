// The task list and the sheets that log a result. Talks to the outbox only; the outbox talks to the server.
(function () {
  "use strict";
  const outbox = window.ShouwangOutbox;
  const { toast } = window.Shouwang;
  if (!outbox) return;
  const words = outbox.work.words;
  const find = (selector, root) => (root || document).querySelector(selector);
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const say = (key, values) => Object.keys(values || {}).reduce((out, name) => out.replace("{" + name + "}", values[name]), words[key]);
  let opened = null; // the button that opened the sheet, with the household in its data attributes
  let outcome = "";
  const dialled = {}; // household → the number tapped last: "not this household" is said of that one

  // --- cards ---
  const cardOf = (householdId) => find('[data-card="' + householdId + '"]');
  const openTasks = (card) => all("[data-task]", card).filter((row) => !row.dataset.done);
  let filter = (find("[data-filter][aria-current]") || { dataset: { filter: "" } }).dataset.filter;

  function refreshList() {
    const cards = all("[data-card]").filter((card) => card.dataset.done !== "1");
    cards.forEach((card) => {
      card.hidden = Boolean(filter) && !openTasks(card).some((row) => row.dataset.kind === filter);
    });
    all("[data-filter]").forEach((chip) => {
      const kind = chip.dataset.filter;
      const gone = all("[data-card]").filter((card) => counted(card, kind, true)).length - cards.filter((card) => counted(card, kind, false)).length;
      if (!chip.dataset.first) chip.dataset.first = find("b", chip).textContent;
      const left = Number(chip.dataset.first) - gone;
      find("b", chip).textContent = String(left);
      chip.hidden = Boolean(kind) && left <= 0 && kind !== filter;
    });
    const total = find('[data-filter=""] b');
    if (total) find("[data-total-words]").textContent = say("total", { count: total.textContent });
    const done = find("[data-all-done]");
    if (done) done.hidden = cards.some((card) => !card.hidden);
  }

  function counted(card, kind, evenDone) {
    const rows = evenDone ? all("[data-task]", card) : openTasks(card);
    return kind ? rows.some((row) => row.dataset.kind === kind) : rows.length > 0;
  }

  /** Takes finished tasks off their card, and the card off the list when none is left; back again with back=true. */
  function finish(taskIds, back) {
    taskIds.forEach((id) => {
      const row = find('[data-task="' + id + '"]');
      if (!row) return;
      if (back) delete row.dataset.done; else row.dataset.done = "1";
      row.hidden = !back;
      const card = row.closest("[data-card]");
      if (!card) return;
      card.dataset.done = openTasks(card).length ? "" : "1";
      card.hidden = card.dataset.done === "1";
    });
    if (find("[data-cards]")) refreshList();
  }

  function focusAfter(card) {
    const cards = all("[data-card]");
    const next = cards.slice(cards.indexOf(card)).concat(cards).find((one) => !one.hidden);
    const target = next || find("[data-all-done]") || find("#main");
    if (!target.hasAttribute("tabindex")) target.setAttribute("tabindex", "-1");
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "nearest" });
  }

  // --- sheets ---
  const slot = (sheet, name, text) => all('[data-slot="' + name + '"]', sheet).forEach((node) => { node.textContent = text || ""; });

  function openSheet(button) {
    opened = button;
    const sheet = document.getElementById(button.dataset.log === "visit" ? "log-sheet" : button.dataset.log + "-sheet");
    const form = find("form", sheet);
    form.reset();
    slot(sheet, "name", button.dataset.name);
    slot(sheet, "place", button.dataset.place);
    slot(sheet, "task", button.dataset.taskWords);
    all("[data-error]", form).forEach((node) => { node.hidden = true; });
    if (button.dataset.log === "visit") {
      const channel = find('[name="channel"][value="' + (opened.dataset.channel || "phone") + '"]', form);
      if (channel && !dialled[Number(opened.dataset.household)]) channel.checked = true;
      all("[data-only-away]", form).forEach((part) => {
        part.hidden = !opened.hasAttribute("data-away");
        all("input", part).forEach((input) => { input.disabled = part.hidden; });
      });
      const who = find('[name="' + outbox.work.identity + '"][value="' + (button.dataset.respondent || "") + '"]', form);
      if (who) who.checked = true;
      showQuestions(form, false);
      showStep(form, "outcome");
    }
    all("[data-for]", form).forEach((part) => {
      const used = part.dataset.for === button.dataset.taskKind;
      part.hidden = !used;
      all("input", part).forEach((input) => { input.disabled = !used; });
    });
    markSegments(sheet);
    sheet.showModal();
    const first = find("button.btn-answer, input:not([disabled])", form);
    if (first) first.focus();
  }

  function showStep(form, step) {
    all("[data-step]", form).forEach((part) => { part.hidden = part.dataset.step !== step; });
    find("[data-step-back]", form).hidden = step === "outcome";
    const first = find('[data-step="' + step + '"] button', form);
    if (first) first.focus();
    form.closest("dialog").scrollTop = 0;
  }

  function showQuestions(form, on) {
    find("[data-questions]", form).hidden = !on;
    find("[data-save-answers]", form).hidden = !on;
    find("[data-all-right]", form).hidden = on;
    const button = find("[data-open-questions]", form);
    button.hidden = on;
    button.setAttribute("aria-expanded", String(on));
  }

  // A chosen radio marks its segment; :has() is missing on old WebViews.
  function markSegments(root) {
    all(".segment", root).forEach((segment) => segment.classList.toggle("is-checked", find("input", segment).checked));
    all(".choice-lg", root).forEach((choice) => choice.classList.toggle("is-checked", find("input", choice).checked));
  }

  function chooseOutcome(button) {
    const form = button.closest("form");
    outcome = button.dataset.outcome;
    slot(form, "outcome", button.textContent.trim());
    slot(form, "hint", button.dataset.hint || "");
    showStep(form, outcome === "reached" ? "reached" : "unreached");
  }

  // --- saving ---
  function visitBody(form, allRight) {
    const data = new FormData(form);
    const body = { kind: "visit", household: Number(opened.dataset.household), outcome, note: visibleNote(form) };
    const phone = dialled[body.household];
    if (phone) body.phone = phone;
    if (outcome !== "reached") return body;
    body.channel = data.get("channel");
    const named = taskRows("[data-visit-names]")[0]; // "call me back" is settled by having spoken with them
    if (named) body.task = Number(named);
    if (data.get("on")) body.on = data.get("on");
    if ((data.get("appeal") || "").trim()) body.appeal = data.get("appeal").trim();
    body.respondent = data.get(outbox.work.identity);
    body.answers = {};
    outbox.work.questions.forEach((question) => {
      const asked = find('[name="' + question.name + '"]:not([disabled])', form);
      const value = !asked ? "" : allRight ? question.normal : data.get(question.name);
      if (value) body.answers[question.name] = value;
    });
    return body;
  }

  function visibleNote(form) {
    const note = all('[name="note"]', form).find((field) => !field.closest("[hidden]"));
    return note ? note.value.trim() : "";
  }

  function taskRows(selector) {
    return all(selector, opened.closest("[data-card]") || document).filter((row) => !row.dataset.done).map((row) => row.dataset.task);
  }

  /** The contact that was owed is made when this way of contact counts for all its reasons. */
  function dutiesMet(channel) {
    return taskRows("[data-duty]").filter((id) => find('[data-task="' + id + '"]').dataset.channels.split(" ").includes(channel));
  }

  function tasksClosed(body) {
    if (body.kind === "visit") return body.outcome === "reached" ? taskRows("[data-visit-closes]").concat(body.task ? [String(body.task)] : [], dutiesMet(body.channel)) : [];
    if (body.kind === "clue") {
      opened.hidden = true; // the task ends with the last of its clues
      if (find("[data-clue]:not([hidden])", opened.closest("[data-task]"))) return [];
    }
    return [opened.dataset.taskId];
  }

  function save(form, body) {
    const name = opened.dataset.name;
    const tasks = tasksClosed(body);
    const card = opened.closest("[data-card]");
    const files = outbox.files ? outbox.files.chosen(form) : [];
    form.closest("dialog").close();
    finish(tasks);
    if (card && body.kind === "visit" && body.outcome !== "reached") noteAttempt(card, body.outcome);
    if (card) focusAfter(card);
    outbox.add(body, { name, tasks }).then((entry) => {
      files.forEach((file) => outbox.files.add(file, entry.body, name));
      if (outbox.list().some((one) => one.body.client_id === entry.body.client_id && !one.refused)) toast(say("kept", { name }));
    });
  }

  function noteAttempt(card, chosen) {
    const line = find("[data-tried]", card);
    find("span", line).textContent = say("tried", { outcome: words.outcomes[chosen] });
    line.hidden = false;
  }

  function problem(form, key) {
    const line = find("[data-error]", form);
    line.textContent = words[key];
    line.hidden = false;
    const first = find(":invalid, input:not([disabled]), textarea", form);
    if (first) first.focus();
  }

  function submitForm(form, submitter) {
    const kind = form.dataset.logForm;
    if (kind === "visit") return save(form, visitBody(form, Boolean(submitter && submitter.hasAttribute("data-all-right"))));
    const data = new FormData(form);
    const body = { kind, household: Number(opened.dataset.household), result: (data.get("result") || "").trim() };
    if (kind === "clue") {
      body.clue = Number(opened.dataset.clue);
      body.state = data.get("state");
      if (!body.state) return problem(form, "chooseState");
    } else body.task = Number(opened.dataset.taskId);
    if (!body.result) return problem(form, kind === "clue" ? "sayResult" : "chooseState");
    return save(form, body);
  }

  document.addEventListener("click", (event) => {
    const hit = (selector) => event.target.closest(selector);
    const log = hit("[data-log]");
    if (log) openSheet(log);
    const answer = hit("[data-outcome]");
    if (answer) chooseOutcome(answer);
    const questions = hit("[data-open-questions]");
    if (questions) { showQuestions(questions.closest("form"), true); find("[data-questions] input", questions.closest("form")).focus(); }
    const back = hit("[data-step-back]");
    if (back) showStep(back.closest("form"), "outcome");
    const chip = hit("[data-filter]");
    if (chip) {
      event.preventDefault();
      filter = chip.dataset.filter;
      all("[data-filter]").forEach((one) => { if (one === chip) one.setAttribute("aria-current", "true"); else one.removeAttribute("aria-current"); });
      refreshList();
    }
    const dial = hit("[data-dial]");
    if (dial) {
      const card = dial.closest("[data-card]");
      if (card) dialled[Number(card.dataset.card)] = Number(dial.dataset.dial);
      noteDial(dial.dataset.dial);
    }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-log-form]");
    if (!form) return;
    event.preventDefault();
    submitForm(form, event.submitter || document.activeElement);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-log-form]");
    if (form) markSegments(form);
  });
  all("#log-sheet, #clue-sheet, #task-sheet").forEach((sheet) => sheet.addEventListener("close", () => {
    if (opened && !opened.closest("[hidden]")) opened.focus();
  }));

  /** That a number was dialled is noted in the trail; the call itself must not wait for it. */
  function noteDial(phoneId) {
    fetch(outbox.work.dialUrl, {
      method: "POST", keepalive: true, body: JSON.stringify({ phone: Number(phoneId) }), redirect: "manual",
      headers: { "Content-Type": "application/json", "X-CSRFToken": window.Shouwang.csrfToken() },
    }).catch(() => {});
  }

  document.addEventListener("outbox:sent", (event) => { if (event.detail.shown.name) toast(say("saved", { name: event.detail.shown.name })); });
  document.addEventListener("outbox:refused", (event) => finish(event.detail.shown.tasks, true));

  finish(outbox.doneTasks());
  outbox.list().filter((entry) => !entry.refused).forEach((entry) => finish(entry.shown.tasks));
  if (find("[data-cards]")) refreshList();
})();
