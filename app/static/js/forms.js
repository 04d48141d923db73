// Forms: searchable selects (loaded only when a form has one) and the warning before unsaved changes are lost.
(function () {
  "use strict";
  const { text } = window.Shouwang;
  const LONG_SELECT = 12; // shorter ones are quicker as the phone's native wheel

  let library = null;
  function loadTomSelect() {
    if (library) return library;
    library = new Promise((resolve, reject) => {
      const style = document.createElement("link");
      style.rel = "stylesheet";
      style.href = text("tomSelectCss");
      document.head.appendChild(style);
      const script = document.createElement("script");
      script.src = text("tomSelect");
      script.onload = resolve;
      script.onerror = reject;
      document.head.appendChild(script);
    });
    return library;
  }

  /** Remote selects ask `data-url`?q=&page= and get {results: [{id, text}], pagination: {more}}. */
  function remoteOptions(select) {
    return {
      valueField: "id", labelField: "text", searchField: [], preload: "focus", maxOptions: 100,
      score: () => () => 1, // the server already chose and ordered
      shouldLoad: () => true,
      load(query, done) {
        this.clearOptions((option) => option.id === this.getValue());
        const url = select.dataset.url + (select.dataset.url.includes("?") ? "&" : "?") + "q=" + encodeURIComponent(query);
        fetch(url, { headers: { Accept: "application/json" }, redirect: "error" })
          .then((answer) => { if (!answer.ok) throw new Error(String(answer.status)); return answer.json(); })
          .then((page) => done(page.results))
          .catch(() => done());
      },
    };
  }

  function enhance(select) {
    const label = document.querySelector('label[for="' + select.id + '"]');
    const remote = Boolean(select.dataset.url);
    select.classList.remove("my_select2", "form-select", "form-control"); // the library copies them onto its own box
    const plugins = select.multiple ? ["remove_button"] : [];
    const message = (kind) => () => '<div class="' + kind + '">' + text(kind === "no-results" ? "noMatches" : "loading") + "</div>";
    const common = {
      plugins, maxOptions: 500, placeholder: remote ? text("typeToSearch") : text("choose"), allowEmptyOption: false,
      render: { no_results: message("no-results"), loading: message("spinner") },
    };
    const control = new window.TomSelect(select, Object.assign(common, remote ? remoteOptions(select) : {}));
    if (!label) return;
    const name = label.textContent.replace("*", "").trim();
    [control.control_input, select].forEach((element) => element.setAttribute("aria-label", name));
  }

  function scan(root) {
    const selects = Array.from(root.querySelectorAll("select.my_select2, select.js-remote, select[data-searchable]"))
      .filter((select) => select.multiple || select.dataset.url || select.options.length > LONG_SELECT);
    root.querySelectorAll("select.my_select2").forEach((select) => { select.classList.replace("form-control", "form-select"); });
    if (selects.length) loadTomSelect().then(() => selects.forEach(enhance), () => {});
  }
  scan(document);
  document.addEventListener("shouwang:added", (event) => scan(event.detail));

  // --- unsaved changes ---
  const guarded = document.querySelector("form[data-guard]");
  if (guarded) {
    let dirty = false;
    guarded.addEventListener("input", () => { dirty = true; });
    guarded.addEventListener("submit", () => { dirty = false; });
    window.addEventListener("beforeunload", (event) => {
      if (!dirty) return;
      event.preventDefault();
      event.returnValue = text("unsaved");
    });
    const wrong = guarded.querySelector('[aria-invalid="true"]');
    if (wrong) wrong.focus();
  }
})();
