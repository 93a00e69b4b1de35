// What another rule would change: one chart for each [data-drawing], from the json_script "drawings":
//   {place|age|class: {names, gained, lost, more, less, year}}. The table beside it says the same.
import { c, chart, given } from './kit.mjs';

const told = given('drawings') ?? {};
const KINDS = [['gained', '新领到', 'pine-600'], ['more', '领得更多', 'pine-300'], ['less', '领得更少', 'amber-400'], ['lost', '不再领', 'ink-3']];
const count = (value) => value.toLocaleString('zh-CN');

/** Yuan of a year by place: one bar, more to the right, less to the left. */
function money({ names, year }) {
  return { series: [{ type: 'bar', barMaxWidth: 18, data: year.map((value) => ({ value, itemStyle: { color: c(value < 0 ? 'amber-400' : 'pine-500') } })),
    label: { show: true, position: 'right', formatter: ({ value }) => `${count(value)} 元` } }], names, legend: false };
}

/** People by what changes for them; those who lose stand left of zero. */
function people({ names, ...kinds }) {
  const series = KINDS.filter(([key]) => kinds[key].some(Boolean)).map(([key, name, token]) => ({
    name, type: 'bar', stack: 'people', barMaxWidth: 18, itemStyle: { color: c(token) },
    data: kinds[key].map((value) => (key === 'lost' || key === 'less' ? -value : value)) }));
  return { series, names, legend: true };
}

document.querySelectorAll('[data-drawing]').forEach((el) => {
  const key = el.dataset.drawing;
  const { series, names, legend } = key === 'place' ? money(told[key]) : people(told[key]);
  chart(el, {
    grid: { left: 96, right: key === 'place' ? 96 : 24, top: legend ? 36 : 8, bottom: 24 },
    ...(legend ? { legend: { top: 4, left: 8 } } : {}),
    tooltip: { trigger: 'axis', valueFormatter: (value) => count(Math.abs(value)) },
    xAxis: { type: 'value', axisLabel: { formatter: (value) => count(Math.abs(value)), hideOverlap: true } },
    yAxis: { type: 'category', inverse: true, data: names, axisLabel: { formatter: (name) => (name.length > 7 ? `${name.slice(0, 6)}…` : name) } },
    series,
  });
});
