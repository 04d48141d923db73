// Draws every [data-chart] with ECharts; the house's colours and font, no animation, SVG.
(function () {
  "use strict";
  const COLOURS = ["#2a74c4", "#2f8a4e", "#d98a00", "#c93a2f", "#7a8897", "#6b4fa0"];
  const defaults = {
    animation: false,
    color: COLOURS,
    aria: { enabled: false }, // the element carries its own label
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 13, color: "#1b2733" },
    grid: { left: 8, right: 16, top: 40, bottom: 8, containLabel: true },
    legend: { top: 0, itemWidth: 14, itemHeight: 10, icon: "roundRect" },
    tooltip: { trigger: "axis", confine: true },
  };

  const drawn = new Map();
  function draw(element) {
    const option = JSON.parse(element.dataset.chart);
    const old = drawn.get(element);
    if (old) old.dispose();
    const chart = window.echarts.init(element, null, { renderer: "svg" });
    chart.setOption(Object.assign({}, defaults, option));
    drawn.set(element, chart);
  }

  document.querySelectorAll("[data-chart]").forEach(draw);
  document.addEventListener("shouwang:refreshed", (event) => event.target.querySelectorAll("[data-chart]").forEach(draw));
  window.addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
})();
