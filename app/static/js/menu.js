// The menu: which headings stand open is remembered; the search field at the top (key "/") also finds pages by name.
(function () {
  "use strict";

  const menu = document.querySelector("[data-menu]");
  const field = document.getElementById("global-q");
  if (!menu || !field) return;
  const YEAR = 365 * 24 * 3600;
  const MOST = 6;
  const hits = document.getElementById("menu-hits");
  let chosen = -1;

  // "toggle" does not bubble, and the browser reports the headings the server opened as toggled, too: listen to clicks.
  menu.addEventListener("click", (event) => {
    const summary = event.target.closest("summary");
    if (!summary) return;
    setTimeout(() => {
      const open = Array.from(menu.querySelectorAll("details[open]"), (heading) => heading.dataset.heading);
      document.cookie = menu.dataset.menu + "=" + open.join(".") + ";path=/;max-age=" + YEAR + ";samesite=lax";
    }, 0);
  });

  const pages = Array.from(menu.querySelectorAll("a[href]"), (link) => {
    const heading = link.closest("details");
    const name = link.textContent.trim();
    return { name, key: name.toLowerCase(), href: link.getAttribute("href"), of: heading ? heading.querySelector("summary").textContent.trim() : "" };
  });

  function hit(page, position) {
    const row = document.createElement("li");
    row.id = "menu-hit-" + position;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    const link = document.createElement("a");
    link.href = page.href;
    link.tabIndex = -1;
    link.textContent = page.name;
    const of = document.createElement("small");
    of.textContent = page.of;
    link.appendChild(of);
    row.appendChild(link);
    return row;
  }

  function show() {
    const wanted = field.value.trim().toLowerCase();
    const found = wanted ? pages.filter((page) => page.key.includes(wanted)).slice(0, MOST) : [];
    hits.textContent = "";
    hits.append(...found.map(hit)); // replaceChildren is younger than the oldest WebView
    choose(-1);
    hits.hidden = !found.length;
    field.setAttribute("aria-expanded", String(found.length > 0));
  }

  function hide() {
    hits.hidden = true;
    choose(-1);
    field.setAttribute("aria-expanded", "false");
  }

  function choose(position) {
    chosen = position;
    Array.from(hits.children).forEach((row, at) => row.setAttribute("aria-selected", String(at === position)));
    if (position < 0) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", "menu-hit-" + position);
  }

  field.addEventListener("input", show);
  field.addEventListener("keydown", (event) => {
    const count = hits.hidden ? 0 : hits.children.length;
    if (event.key === "Escape") hide();
    if (!count) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(chosen < 0 ? (step > 0 ? 0 : count - 1) : (chosen + step + count) % count);
    }
    if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      hits.children[chosen].querySelector("a").click();
    }
  });
  document.addEventListener("click", (event) => { if (!event.target.closest(".global-search")) hide(); });
})();
