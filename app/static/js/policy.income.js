/* Sums while one types, in whole fen like the server; the server reckons again before anything is kept. */
(() => {
  "use strict";
  const form = document.getElementById("income");
  if (!form) return;
  const signs = { wage: 1, business: 1, property: 1, transfer: 1, cost: -1 };

  const fenOf = (text) => {
    const plain = text.normalize("NFKC").replace(/[,'_\s￥¥]/g, "").replace(/元$/, "");
    if (!/^\d{1,12}(\.\d{0,2})?$/.test(plain)) return 0;
    const [whole, part = ""] = plain.split(".");
    return Number(whole) * 100 + Number(part.padEnd(2, "0"));
  };
  const words = (fen) => {
    const sign = fen < 0 ? "-" : "";
    const size = Math.abs(fen);
    return sign + Math.floor(size / 100).toLocaleString("en-US") + "." + String(size % 100).padStart(2, "0");
  };
  const share = (fen, persons) => {
    const size = Math.floor((2 * Math.abs(fen) + persons) / (2 * persons));
    return fen < 0 ? -size : size;
  };

  const reckon = () => {
    const sums = { wage: 0, business: 0, property: 0, transfer: 0, cost: 0, insurance: 0, spending: 0 };
    form.querySelectorAll("[data-amount]").forEach((field) => { sums[field.dataset.amount] += fenOf(field.value); });
    form.querySelectorAll("[data-sum]").forEach((slot) => {
      slot.textContent = sums[slot.dataset.sum] ? words(sums[slot.dataset.sum]) : "";
    });
    const persons = Number.parseInt(form.elements.persons.value, 10);
    const net = Object.keys(signs).reduce((sum, group) => sum + signs[group] * sums[group], 0);
    const reference = net + (form.dataset.insurance === "0" ? 0 : sums.insurance)
      - (form.dataset.spending === "0" ? 0 : sums.spending);
    const known = persons >= 1 && persons <= 30;
    const figures = {
      net, reference, per_capita: known ? share(net, persons) : null, reference_per_capita: known ? share(reference, persons) : null,
    };
    form.querySelectorAll("[data-figure]").forEach((slot) => {
      const fen = figures[slot.dataset.figure];
      slot.textContent = fen === null ? "—" : words(fen);
    });
  };
  form.addEventListener("input", (event) => {
    reckon();
    const verdict = form.querySelector("[data-verdict]"); // it spoke of other figures
    if (verdict && event.isTrusted) verdict.hidden = true;
  });
  reckon();
})();
