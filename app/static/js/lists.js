// Generated lists: bulk actions, delete, and the filter builder.
(function () {
  "use strict";
  const { ask, text } = window.Shouwang;

  // --- selection and actions ---
  function checked(list) {
    return Array.from(list.querySelectorAll(".action_check:checked"));
  }

  function showSelection(list) {
    const bar = list.querySelector("[data-bulk]");
    if (!bar) return;
    const count = checked(list).length;
    const label = bar.querySelector("[data-bulk-count]");
    bar.hidden = count === 0;
    label.textContent = label.dataset.template.replace("{count}", count);
    const all = list.querySelector(".action_check_all");
    const boxes = list.querySelectorAll(".action_check").length;
    all.checked = count > 0 && count === boxes;
    all.indeterminate = count > 0 && count < boxes;
  }

  function sendBulk(list, action) {
    const form = list.querySelector("[data-action-form]");
    form.elements.namedItem("action").value = action;
    checked(list).forEach((box) => {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = "rowid";
      input.value = box.value;
      form.appendChild(input);
    });
    form.submit();
  }

  document.addEventListener("change", (event) => {
    const list = event.target.closest("[data-list]");
    if (!list) return;
    if (event.target.classList.contains("action_check_all")) {
      list.querySelectorAll(".action_check").forEach((box) => { box.checked = event.target.checked; });
    }
    if (/action_check/.test(event.target.className)) showSelection(list);
  });

  document.addEventListener("click", async (event) => {
    const remove = event.target.closest("[data-delete]");
    if (remove && await ask(remove.dataset.confirm, "danger")) {
      const form = document.querySelector("[data-delete-form]");
      form.action = remove.dataset.delete;
      form.submit();
    }
    const bulk = event.target.closest("[data-bulk-action]");
    if (bulk && (!bulk.dataset.confirm || await ask(bulk.dataset.confirm))) {
      sendBulk(bulk.closest("[data-list]"), bulk.dataset.bulkAction);
    }
  });
  document.querySelectorAll("[data-list]").forEach(showSelection);

  // --- filters: one row per condition; the operator's place in the list is FAB's filter number ---
  let serial = 0;

  /** FAB's date pickers and instants alike become a plain date: house filters compare whole local days. */
  function dayInput(markup, control) {
    if (!/appbuilder_date/.test(markup) && !/^date/.test(control.type)) return null;
    const input = document.createElement("input");
    input.type = "date";
    return input;
  }

  function yesNo() {
    const select = document.createElement("select");
    select.add(new Option(text("yes"), "y"));
    select.add(new Option(text("no"), "n"));
    return select;
  }

  function valueControl(markup) {
    const holder = document.createElement("div");
    holder.innerHTML = markup; // our own server's form field
    let control = holder.querySelector("input, select, textarea");
    control = dayInput(markup, control) || (control.type === "checkbox" ? yesNo() : control);
    control.className = control.tagName === "SELECT" ? "form-select" : "form-control";
    if (control.dataset.url) control.classList.add("js-remote");
    control.removeAttribute("placeholder");
    control.removeAttribute("required");
    return control;
  }

  function addCondition(form, data, column, operatorName, value) {
    const operators = data.ops[column];
    const row = document.createElement("div");
    row.className = "filter-row";
    const label = document.createElement("label");
    label.textContent = data.labels[column];
    const operator = document.createElement("select");
    operator.className = "form-select";
    operator.setAttribute("aria-label", data.labels[column] + " " + text("condition"));
    operators.forEach((name, index) => operator.add(new Option(name, index, name === operatorName, name === operatorName)));
    const control = valueControl(data.fields[column]);
    control.id = "filter-" + (serial += 1);
    label.htmlFor = control.id;
    if (value !== undefined && value !== null) {
      if (control.tagName === "SELECT" && !Array.from(control.options).some((option) => option.value === String(value))) {
        control.add(new Option(value, value));
      }
      control.value = value;
    }
    const rename = () => { control.name = "_flt_" + operator.value + "_" + column; };
    operator.addEventListener("change", rename);
    rename();
    const holder = document.createElement("div");
    holder.className = "filter-value";
    holder.appendChild(control);
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "btn btn-outline-secondary btn-icon";
    remove.setAttribute("aria-label", text("remove"));
    remove.textContent = "×";
    remove.addEventListener("click", () => { row.remove(); form.querySelector("[data-bs-toggle]").focus(); });
    [label, operator, holder, remove].forEach((part) => row.appendChild(part));
    form.querySelector("[data-filter-rows]").appendChild(row);
    document.dispatchEvent(new CustomEvent("shouwang:added", { detail: row }));
    return control;
  }

  document.querySelectorAll("[data-filters]").forEach((form) => {
    const data = JSON.parse(form.dataset.filters);
    (data.active || []).filter((condition) => data.ops[condition[0]]).forEach(([column, operator, values]) => {
      [].concat(values).forEach((value) => addCondition(form, data, column, operator, value));
    });
    form.addEventListener("click", (event) => {
      const add = event.target.closest("[data-filter-add]");
      if (add) addCondition(form, data, add.dataset.filterAdd).focus();
    });
    form.addEventListener("submit", () => {
      // An empty condition would filter for emptiness: leave it out.
      form.querySelectorAll(".filter-value [name]").forEach((input) => { if (!input.value) input.removeAttribute("name"); });
    });
  });
})();
