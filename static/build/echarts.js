// What the pages draw and nothing else: `make assets` turns this list into
// static/vendor/echarts.<version>.min.js. The SVG renderer only, because SVG
// prints sharply and the same bundle draws without a browser.
export { init, setPlatformAPI, version } from "echarts/core";
import { use } from "echarts/core";
import {
  BarChart,
  BoxplotChart,
  CustomChart,
  HeatmapChart,
  LineChart,
  RadarChart,
  ScatterChart,
} from "echarts/charts";
import {
  AriaComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  VisualMapComponent,
} from "echarts/components";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";

use([
  BarChart,
  BoxplotChart,
  CustomChart,
  HeatmapChart,
  LineChart,
  RadarChart,
  ScatterChart,
  AriaComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  VisualMapComponent,
  LabelLayout,
  SVGRenderer,
]);
