// The take-up gap over the months, from the json_script "gap":
//   {months, missing_found, missing_left, wrong_found, wrong_left}. The table below says the same.
import { c, chart, given } from './kit.mjs';

const told = given('gap');
const el = document.querySelector('[data-gap]');
if (el && told) {
  const bar = (name, key, token) => ({ name, type: 'bar', barMaxWidth: 16, data: told[key], itemStyle: { color: c(token) } });
  chart(el, {
    grid: { left: 56, right: 12, top: 36, bottom: 24 }, legend: { top: 4, left: 8 }, tooltip: { trigger: 'axis' },
    xAxis: { type: 'category', data: told.months }, yAxis: { type: 'value', min: 0, minInterval: 1 },
    series: [bar('核定时没在领', 'missing_found', 'pine-300'), bar('该领还没领到', 'missing_left', 'pine-600'),
      bar('核定时不该再领', 'wrong_found', 'line-2'), bar('还在名单上', 'wrong_left', 'amber-400')],
  });
}
