// The map of a portal page, beside a list with the same facts.
//   <div data-map data-boundary="…geojson">         the map; without WebGL the words in it stay
//   {{ points|json_script:"map-points" }}            {"key": FeatureCollection, …}: one dot layer each
//   <button data-layer="key" data-token="pine-600" aria-pressed>  switches a layer
//   {{ pins|json_script:"map-pins" }}                [{number, name, url, longitude, latitude}]
// After an htmx swap (search results) the pins are read again.
import { dots, extent, given, map, pin, show } from './kit.mjs';

const el = document.querySelector('[data-map]');
let marks = [];

function link({ number, name, url }) {
  const mark = document.createElement(url ? 'a' : 'span');
  if (url) mark.href = url;
  // The list says the same and is easier to hit: a pin is for the mouse and the finger only.
  mark.tabIndex = -1;
  mark.setAttribute('aria-hidden', 'true');
  mark.textContent = number ?? name;
  mark.title = name;
  return mark;
}

function drawPins(m, pins, move) {
  marks.forEach((mark) => mark.remove());
  // Drawn from the last to the first: the nearest lies on top.
  marks = pins.toReversed().map((one) => pin(m, [one.longitude, one.latitude], link(one), 'numpin', 'center'));
  if (move && pins.length) {
    const box = extent(pins.map((one) => ({ geometry: { coordinates: [one.longitude, one.latitude] } })));
    m.fitBounds(box, { padding: 48, maxZoom: 13, animate: false });
  }
}

async function start() {
  const over = document.querySelector('.layers');
  const room = over && getComputedStyle(over).position === 'absolute' ? { top: 18, bottom: 30, left: 66, right: 20 } : 18;
  const m = await map(el, { title: el.dataset.label ?? '示意图', padding: room });
  el.querySelector('.nomap')?.remove();
  const points = given('map-points') ?? {};
  const buttons = [...document.querySelectorAll('[data-layer]')];
  for (const [key, features] of Object.entries(points)) {
    const button = buttons.find((one) => one.dataset.layer === key);
    dots(m, key, features, button?.dataset.token ?? 'pine-600', { radius: 4.5, visible: button?.getAttribute('aria-pressed') !== 'false' });
    button?.addEventListener('click', () => {
      const on = button.getAttribute('aria-pressed') !== 'true';
      button.setAttribute('aria-pressed', String(on));
      show(m, key, on);
    });
  }
  const pins = given('map-pins');
  if (pins) {
    drawPins(m, pins, true);
    document.body.addEventListener('htmx:afterSwap', () => drawPins(m, given('map-pins') ?? [], true));
  }
}

if (el) {
  start().catch(() => {
    el.classList.add('is-missing');
    const words = el.querySelector('.nomap p');
    if (words) words.textContent = '这台设备画不出地图，请看列表，内容一样。';
  });
}
