// What the outbox has to tell the worker: how much waits, why, and what was refused.
(function () {
  "use strict";
  const outbox = window.ShouwangOutbox;
  const region = document.querySelector("#outbox");
  if (!outbox || !region) return;
  const { ask } = window.Shouwang;
  const words = outbox.work.words;
  const say = (key, values) => Object.keys(values || {}).reduce((out, name) => out.replace("{" + name + "}", values[name]), words[key]);

  function button(label, attribute, value, kind) {
    const node = document.createElement("button");
    node.type = "button";
    node.className = "btn btn-" + kind;
    node.setAttribute(attribute, value);
    node.textContent = label;
    return node;
  }

  function notice(tone, text, children) {
    const node = document.createElement("div");
    node.className = "notice notice-" + tone;
    const body = document.createElement("div");
    body.className = "notice-body";
    const line = document.createElement("span");
    line.textContent = text;
    body.append(line, ...(children || []));
    node.append(body);
    return node;
  }

  function loginLink() {
    const link = document.createElement("a");
    link.className = "btn btn-primary";
    link.href = outbox.work.loginUrl;
    link.textContent = words.signIn;
    return link;
  }

  function showOutbox() {
    const waiting = outbox.list().filter((entry) => !entry.refused).length;
    const notes = [];
    if (outbox.state === "signed-out") notes.push(notice("warning", say(waiting ? "signedOutWaiting" : "signedOut", { count: waiting }), [loginLink()]));
    else if (outbox.state === "other-user") notes.push(notice("warning", words.otherUser));
    else if (waiting && outbox.state !== "sending") notes.push(notice("warning", say("waiting", { count: waiting })));
    else if (!navigator.onLine || outbox.state === "offline") notes.push(notice("info", words.offline));
    if (!outbox.canReload && (waiting || !navigator.onLine)) notes.push(notice("warning", words.noReload));
    if (outbox.isVolatile) notes.push(notice("danger", words.notKept));
    outbox.list().filter((entry) => entry.refused).forEach((entry) => {
      const id = entry.body.client_id;
      const actions = document.createElement("span");
      actions.className = "outbox-actions";
      actions.append(button(words.retry, "data-retry", id, "outline-primary"), button(words.drop, "data-drop", id, "outline-danger"));
      notes.push(notice("danger", say("refused", { name: entry.shown.name, reason: entry.refused }), [actions]));
    });
    region.textContent = "";
    region.append(...notes);
  }

  document.addEventListener("outbox:changed", showOutbox);
  window.addEventListener("online", showOutbox);
  window.addEventListener("offline", showOutbox);
  document.addEventListener("click", (event) => {
    const again = event.target.closest("[data-retry]");
    if (again) outbox.retry(again.dataset.retry);
    const drop = event.target.closest("[data-drop]");
    if (drop) ask(words.dropSure, "danger").then((yes) => { if (yes) outbox.drop(drop.dataset.drop); });
  });
  showOutbox();
})();
