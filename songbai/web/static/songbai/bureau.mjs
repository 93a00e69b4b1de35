// The overview of the bureau: the map and the bars of one indicator, from the json_script "cockpit":
//   {map, towns: {name: value}, urls: {name: address}, breaks, rows: [{name, value, url}],
//    whole: {name, value}, unit}
// A press on a town or a bar opens its page; the list below says the same and works without.
// Forms with data-pick send themselves when a choice is made.
import { c, chart, given, map } from './kit.mjs';

const told = given('cockpit');

async function drawMap(el) {
  const m = await map(el, { towns: told.towns, breaks: told.breaks, title: el.dataset.title, padding: { top: 8, bottom: 26, left: 96, right: 10 } });
  m.on('click', 'tw', (event) => {
    const address = told.urls[event.features[0].properties.name];
    if (address) location.assign(address);
  });
  m.on('mousemove', 'tw', (event) => { m.getCanvas().style.cursor = told.urls[event.features[0].properties.name] ? 'pointer' : ''; });
  m.on('mouseleave', 'tw', () => { m.getCanvas().style.cursor = ''; });
}

async function drawBars(el) {
  const mean = told.whole.value;
  const many = told.rows.length * 12 > el.clientWidth - 108;  // names do not fit: the list below has them
  const drawn = await chart(el, {
    grid: { left: 44, right: 64, top: 14, bottom: many ? 14 : Math.max(...told.rows.map((row) => Math.min(row.name.length, 4)), 2) * 14 + 16 },
    tooltip: { trigger: 'axis', formatter: ([one]) => `${one.name}：${one.value}${told.unit}` },
    xAxis: { type: 'category', data: told.rows.map((row) => row.name), axisLabel: { show: !many, interval: 0, lineHeight: 14, formatter: (name) => name.slice(0, 4).split('').join('\n') } },
    yAxis: { type: 'value', min: 0 },
    series: [{ type: 'bar', barWidth: '62%', barMaxWidth: 28,
      data: told.rows.map((row) => ({ value: row.value, itemStyle: { color: row.value < mean ? c('amber-400') : c('pine-500'), borderRadius: [2, 2, 0, 0] } })),
      markLine: { symbol: 'none', silent: true, label: { position: 'end', fontSize: 12, formatter: '{b}', color: c('amber-600') },
        data: mean == null ? [] : [{ yAxis: mean, name: `平均 ${mean}`, lineStyle: { color: c('amber-600'), type: 'dashed', width: 1.5 } }] } }],
  });
  drawn.on('click', (event) => { const row = told.rows[event.dataIndex]; if (row?.url) location.assign(row.url); });
}

function start() {
  const bars = document.getElementById('bars');
  const ground = document.getElementById('map');
  if (bars) drawBars(bars);
  if (ground && told.map) drawMap(ground).catch(() => { ground.querySelector('.maplost').hidden = false; });
}

if (told) start();
document.querySelectorAll('form[data-pick]').forEach((form) => {
  form.addEventListener('change', () => form.requestSubmit());
  form.querySelector('button')?.classList.add('visually-hidden');
});
