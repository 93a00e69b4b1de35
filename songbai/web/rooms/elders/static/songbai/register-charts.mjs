// The register in figures: one bar chart for each [data-chart], from the json_script "charts":
//   [{title, names, values}]. The table below says the same.
import { c, chart, given } from './kit.mjs';

const told = given('charts') ?? [];
document.querySelectorAll('[data-chart]').forEach((el) => {
  const { names, values } = told[Number(el.dataset.chart)];
  chart(el, {
    grid: { left: 96, right: 56, top: 8, bottom: 8 },
    xAxis: { type: 'value', show: false },
    yAxis: { type: 'category', inverse: true, data: names, axisTick: { show: false }, axisLine: { show: false } },
    series: [{ type: 'bar', data: values, barMaxWidth: 18, itemStyle: { color: c('pine-500'), borderRadius: [0, 2, 2, 0] },
      label: { show: true, position: 'right', formatter: ({ value }) => value.toLocaleString('zh-CN') } }],
  });
});
