// How bodies judge against their peers: a funnel from the json_script "funnel":
//   {points: [{name, n, ratio, word}], low: [[n, ratio]], high: [[n, ratio]]}. The table says the same.
import { c, chart, given } from './kit.mjs';

const el = document.querySelector('[data-funnel]');
const told = given('funnel');
// Shape and colour both tell the verdict.
const marks = { inside: ['circle', 'pine-600', 12], warning: ['diamond', 'amber-600', 16], outlier: ['triangle', 'red-600', 18] };
const words = { inside: '在范围内', warning: '偏离，留意', outlier: '离群，要查' };

if (el && told) {
  const limit = (name, data) => ({ name, type: 'line', data, symbol: 'none', lineStyle: { type: 'dashed', width: 1.5, color: c('ink-3') }, itemStyle: { color: c('ink-3') } });
  const points = Object.entries(marks).map(([word, [symbol, token, size]]) => ({
    name: words[word], type: 'scatter', symbol, symbolSize: size, itemStyle: { color: c(token) },
    data: told.points.filter((one) => one.word === word).map((one) => ({ name: one.name, value: [one.n, one.ratio] })),
    label: { show: word !== 'inside', position: 'right', color: c('ink'), formatter: ({ name }) => name },
  }));
  chart(el, {
    grid: { left: 64, right: 96, top: 44, bottom: 44 }, legend: { top: 8, left: 8 },
    tooltip: { formatter: ({ name, value }) => `${name}：评了 ${value[0]} 人，是同类的 ${value[1]} 倍` },
    xAxis: { type: 'value', name: '评了多少人', nameLocation: 'middle', nameGap: 28, min: 0 },
    yAxis: { type: 'value', name: '是同类的几倍', nameLocation: 'middle', nameGap: 40, min: 0 },
    series: [...points, limit('下限（99.8%）', told.low), limit('上限（99.8%）', told.high),
      { name: '和同类一样', type: 'line', symbol: 'none', data: told.high.map(([n]) => [n, 1]), lineStyle: { width: 1, color: c('ink-2') }, itemStyle: { color: c('ink-2') } }],
  });
}
