// The desk's screen: what happens elsewhere refreshes the panes, the map is drawn beside its list,
// and the focus follows what the dispatcher opens.
//   #live                  gets live:any from live.mjs with {kinds}
//   hx-trigger="desk:changed from:body"   a pane that must stay true
//   #map[data-points]      GeoJSON of the points, and the load of each town
//   #positions [data-here]  who lets the desk see where she is: a mark on the map for each row
//   [data-show]            看地图 / 看列表
//   [data-map-routes]      draws everybody's way; a tap on [data-route] draws that caregiver's
//   [data-scroll]          keeps its place when it is swapped
//   [data-focus]           gets the focus after it was asked for
import { colour, dots, map, pin, show, ways } from './kit.mjs';

const OURS = /^(order|visit|assignment|plan|staff|wish|reconnected|statement)\b/;
const CALM = 60; // ms after the last event of a burst
const READABLE = 12; // names on the map at once
const MOVING = 3000; // ms in which positions are gathered
const ECHO = 5000; // ms in which our own act comes back as an event: what was just said stays
const el = document.getElementById('map');
const panel = document.getElementById('order');
const body = document.body;
let drawn;
let later;
let acted = 0;

// ── live ──
function changed() {
  clearTimeout(later);
  later = setTimeout(() => body.dispatchEvent(new CustomEvent('desk:changed')), CALM);
}

let moving;
/** Somebody moved: many do, so they are asked for together. */
function moved() {
  moving ??= setTimeout(() => { moving = undefined; body.dispatchEvent(new CustomEvent('positions:changed')); }, MOVING);
}

/** Whether the dispatcher is writing in the open order: then it is left alone. */
function writing() {
  const typed = [...panel.querySelectorAll('textarea, input[type="text"], input[type="time"], select')];
  return typed.some((field) => field === document.activeElement || (field.value && field.value !== field.defaultValue));
}

document.getElementById('live')?.addEventListener('live:any', (event) => {
  if (event.detail.kinds.some((kind) => OURS.test(kind))) changed();
  if (event.detail.kinds.some((kind) => /^(position|reconnected)\b/.test(kind))) moved();
});

body.addEventListener('desk:changed', () => {
  const open = panel.querySelector('[data-order-open]');
  if (open && !panel.matches('.htmx-request') && !writing() && Date.now() - acted > ECHO) {
    htmx.ajax('GET', open.dataset.orderUrl, { target: panel, swap: 'innerHTML', source: '#live' });
  }
  if (drawn) points();
});

// ── swaps: keep the place, move the focus ──
const places = new Map();
const scrollers = (root) => root.querySelectorAll('[data-scroll]');
body.addEventListener('htmx:beforeRequest', (event) => {
  if (event.detail.requestConfig.verb === 'post') acted = Date.now();
});
body.addEventListener('htmx:beforeSwap', (event) => {
  scrollers(event.detail.target).forEach((one) => places.set(one.dataset.scroll, one.scrollTop));
});
body.addEventListener('htmx:afterSwap', (event) => {
  const { target, requestConfig } = event.detail;
  scrollers(target).forEach((one) => { one.scrollTop = places.get(one.dataset.scroll) ?? 0; });
  if (target === whereabouts) people();
  if (target !== panel) { mark(); return; }
  mark();
  if (requestConfig.elt.id === 'live') return;
  (panel.querySelector('[aria-invalid="true"]') ?? panel.querySelector('[data-focus]'))?.focus();
});

/** Shows in the queue which order is open. */
function mark() {
  const open = panel.querySelector('[data-order-open]')?.dataset.orderOpen;
  document.querySelectorAll('[data-order]').forEach((row) => {
    if (row.dataset.order === open) row.setAttribute('aria-current', 'true');
    else row.removeAttribute('aria-current');
  });
}

document.querySelector('[data-focus="first"]')?.focus();

// ── clock ──
const clock = document.querySelector('[data-clock]');
if (clock) {
  const ahead = new Date(clock.dataset.clock) - Date.now();
  const words = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', hour: 'numeric', minute: '2-digit', hour12: false });
  setInterval(() => { clock.textContent = words.format(Date.now() + ahead); }, 1000);
}

// ── map ──
const whereabouts = document.getElementById('positions');
const lists = [document.getElementById('towns'), whereabouts].filter(Boolean);
const choices = document.querySelector('[data-map-switch]');
const routes = document.querySelector('[data-map-routes]');
let one = 0;

function showMap(on) {
  el.parentElement.hidden = !on;
  lists.forEach((list) => { list.hidden = on; });
  choices.querySelectorAll('[data-show]').forEach((one) => one.setAttribute('aria-pressed', String((one.dataset.show === 'map') === on)));
}

async function points() {
  const answer = await fetch(el.dataset.points, { headers: { Accept: 'application/json' } });
  if (!answer.ok) return;
  const found = await answer.json();
  colour(drawn, found.towns, found.breaks);
  document.querySelectorAll('#legend .sb-ramp span').forEach((step, i) => {
    step.hidden = i > found.breaks.length;
    step.dataset.x = found.breaks[i] ?? '';
  });
  dots(drawn, 'serving', found.serving, 'blue-600', { radius: 4 });
  dots(drawn, 'free', found.free, 'pine-600', { radius: 4 });
  dots(drawn, 'open', found.open, 'amber-400', { radius: 6 });
  ways(drawn, 'routes', found.routes, 'pine-500', { under: 'serving' });
  ways(drawn, 'route', found.routes, 'amber-600', { width: 3, filter: ['==', ['get', 'staff'], one] });
  show(drawn, 'routes', Boolean(routes?.checked));
}

const marks = new Map();
/** A mark for each caregiver who lets it be seen, moved where she is now. */
function people() {
  if (!drawn || !whereabouts) return;
  const rows = [...whereabouts.querySelectorAll('[data-here]')];
  const there = new Set(rows.map((row) => row.dataset.here));
  marks.forEach((mark, staff) => { if (!there.has(staff)) { mark.remove(); marks.delete(staff); } });
  for (const { dataset } of rows) {
    const at = [Number(dataset.longitude), Number(dataset.latitude)];
    const mark = marks.get(dataset.here) ?? pin(drawn, at, '', 'herepin');
    mark.setLngLat(at).getElement().textContent = dataset.words;
    mark.getElement().title = dataset.words;
    mark.getElement().classList.toggle('is-old', 'old' in dataset);
    marks.set(dataset.here, mark);
  }
  label();
}

/** Words only where they can be read: few in sight, hers whose way is drawn, or under the pointer. */
function label() {
  const sight = drawn.getBounds();
  const seen = [...marks.values()].filter((mark) => sight.contains(mark.getLngLat())).length;
  marks.forEach((mark, staff) => {
    mark.getElement().classList.toggle('is-small', seen > READABLE && Number(staff) !== one);
  });
}

/** One caregiver's way on the map, or with 0 nobody's. */
function follow(staff) {
  one = staff === one ? 0 : staff;
  if (drawn) label();
  if (drawn?.getLayer('route')) drawn.setFilter('route', ['==', ['get', 'staff'], one]);
  document.querySelectorAll('[data-route]').forEach((name) => name.setAttribute('aria-pressed', String(Number(name.dataset.route) === one)));
}

routes?.addEventListener('change', () => { if (drawn?.getLayer('routes')) show(drawn, 'routes', routes.checked); });
document.getElementById('gantt')?.addEventListener('click', (event) => {
  const name = event.target.closest('[data-route]');
  if (name) follow(Number(name.dataset.route));
});

async function start() {
  showMap(true);
  choices.hidden = false;
  drawn = await map(el, { title: '需求和人手示意图', towns: {}, breaks: [], padding: { top: 40, bottom: 14, left: 150, right: 20 } });
  choices.addEventListener('click', (event) => {
    const button = event.target.closest('[data-show]');
    if (button) { showMap(button.dataset.show === 'map'); drawn.resize(); }
  });
  await points();
  drawn.on('moveend', label);
  people();
}

// Without WebGL the list stays.
if (el) start().catch(() => { choices.hidden = true; el.parentElement.hidden = true; lists.forEach((list) => { list.hidden = false; }); });
