// Which columns a list shows: each user's own choice for each list, kept on this device, on paper as on the screen.
(function () {
  "use strict";

  const menu = document.querySelector("[data-menu]");
  const whose = menu ? menu.dataset.menu : "";

  function stored(key) {
    try { return JSON.parse(localStorage.getItem(key) || "[]"); } catch (error) { return []; } // private browsing
  }

  function store(key, names) {
    try { localStorage.setItem(key, JSON.stringify(names)); } catch (error) { return false; }
    return true;
  }

  function setUp(list) {
    const chooser = list.querySelector("[data-columns]");
    const table = list.querySelector("table");
    if (!chooser || !table || !table.tHead) return;
    const key = "columns_" + whose + "_" + list.dataset.list;
    // The first column names the record, those without a word hold boxes and buttons: they stay.
    const columns = Array.from(table.tHead.rows[0].cells)
      .map((cell, position) => ({ position, name: cell.textContent.trim(), fixed: cell.matches(".check, .actions") }))
      .filter((column) => !column.fixed).slice(1);
    if (columns.length < 2) return;
    let off = stored(key);

    function apply() {
      Array.from(table.rows).forEach((row) => columns.forEach((column) => {
        const cell = row.cells[column.position];
        if (cell) cell.classList.toggle("column-off", off.indexOf(column.name) >= 0);
      }));
    }

    const box = chooser.querySelector(".columns-menu");
    columns.forEach((column) => {
      const label = document.createElement("label");
      const input = document.createElement("input");
      input.type = "checkbox";
      input.className = "form-check-input";
      input.checked = off.indexOf(column.name) < 0;
      input.addEventListener("change", () => {
        off = off.filter((name) => name !== column.name).concat(input.checked ? [] : [column.name]);
        store(key, off);
        apply();
      });
      label.append(input, column.name);
      box.appendChild(label);
    });
    chooser.hidden = false;
    apply();
  }

  document.querySelectorAll("[data-list]").forEach(setUp);
})();
