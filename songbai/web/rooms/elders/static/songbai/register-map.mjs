// Where elders live: a circle for each village, from the json_script "circles"; a press opens the list.
// Without WebGL the list beside it stays.
import { c, given, map } from './kit.mjs';

const ground = document.getElementById('homes');

async function start() {
  const features = given('circles') ?? [];
  const most = Math.max(...features.map((one) => one.properties.n), 1);
  const m = await map(ground, { title: ground.dataset.title, padding: { top: 10, bottom: 26, left: 20, right: 20 } });
  m.addSource('homes', { type: 'geojson', data: { type: 'FeatureCollection', features } });
  m.addLayer({ id: 'homes', type: 'circle', source: 'homes', paint: {
    'circle-radius': ['interpolate', ['linear'], ['sqrt', ['get', 'n']], 0, 2, Math.sqrt(most), 16],
    'circle-color': c('pine-600'), 'circle-opacity': 0.62, 'circle-stroke-color': c('card'), 'circle-stroke-width': 1 } }, m.getLayer('lb') ? 'lb' : undefined);
  m.on('click', 'homes', (event) => location.assign(event.features[0].properties.url));
  m.on('mousemove', 'homes', (event) => {
    m.getCanvas().style.cursor = 'pointer';
    m.getCanvas().title = `${event.features[0].properties.name}：${event.features[0].properties.n} 人`;
  });
  m.on('mouseleave', 'homes', () => { m.getCanvas().style.cursor = ''; m.getCanvas().title = ''; });
}

if (ground) start().catch(() => { ground.querySelector('.maplost').hidden = false; });
