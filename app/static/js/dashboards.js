// A bar of a chart inside [data-linked] opens the rows behind it; the table beside it leads there without a script.
(function () {
  "use strict";
  document.querySelectorAll("[data-linked] [data-chart]").forEach((element) => {
    const chart = window.echarts && window.echarts.getInstanceByDom(element);
    if (!chart) return;
    chart.on("click", (event) => {
      if (event.data && event.data.url) window.location.assign(event.data.url);
    });
  });
})();
