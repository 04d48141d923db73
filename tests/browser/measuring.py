"""Scripts that measure a page: what a finger can hit, what large text does to it."""

# What a finger has to hit, 44 × 44 px. Exempt: links inside a sentence, as in WCAG 2.5.8, and what is not shown.
SMALL_TARGETS = """() => {
  const target = (node) => {
    if (node.matches("[type=checkbox], [type=radio]")) return node.closest("label, td, th") || node;
    return node.closest(".ts-control") || node;
  };
  const isSmall = (node) => {
    if (node.matches(".skip-link, .visually-hidden, .visually-hidden *, .ts-hidden-accessible")) return false;
    if (node.closest("[inert], dialog:not([open])")) return false;
    if (node.matches("a") && getComputedStyle(node).display === "inline") return false;
    const box = target(node).getBoundingClientRect();
    if (!box.width || !box.height || getComputedStyle(target(node)).visibility === "hidden") return false;
    return box.width < 43.5 || box.height < 43.5;
  };
  const size = (node) => {
    const box = target(node).getBoundingClientRect();
    return `${Math.round(box.width)}×${Math.round(box.height)} ${node.outerHTML.slice(0, 120)}`;
  };
  return [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary")]
    .filter(isSmall).map(size);
}"""
# In large text: what one reads is at least 18 px, main buttons are 60 px high, and nothing is cut off at the side.
LARGE_TEXT = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const shown = (node) => node.getClientRects().length > 0 && getComputedStyle(node).visibility !== "hidden";
  const size = (node) => parseFloat(getComputedStyle(node).fontSize);
  const name = (node) => node.outerHTML.slice(0, 100);
  const says = (node) => [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
  const minor = ".muted, .muted *, small, small *, .form-text, .field-error";
  const small = all("main p, main td, main dd, main li, main label, main h1, main h2, main .btn")
    .filter((node) => says(node) && shown(node) && !node.matches(minor) && size(node) < 18)
    .map((node) => `${size(node)} px ${name(node)}`);
  const low = all("main .btn-primary, main .btn-danger")
    .filter((node) => shown(node) && node.getBoundingClientRect().height < 59.5)
    .map((node) => `${node.getBoundingClientRect().height} px high ${name(node)}`);
  const cut = all("main .btn, main h1, main h2")
    .filter((node) => shown(node) && !node.closest(".table-wrap"))
    .filter((node) => node.getBoundingClientRect().right > innerWidth + 1 || node.scrollWidth > node.clientWidth + 2)
    .map((node) => `cut ${name(node)}`);
  return [...small, ...low, ...cut];
}"""
# What has the focus can be seen: nothing of the frame (a sticky bar, a banner) lies over its middle.
UNCOVERED = """(() => {
  const node = document.activeElement;
  const box = node.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return node === top || node.contains(top);
})()"""
