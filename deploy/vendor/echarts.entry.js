// Bars, lines and pies as SVG: the full build alone would break the 300 KB budget of a dashboard.
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, DatasetComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

echarts.use([
  AriaComponent, BarChart, DatasetComponent, GridComponent, LegendComponent, LineChart, PieChart, SVGRenderer,
  TooltipComponent,
]);
window.echarts = echarts;
