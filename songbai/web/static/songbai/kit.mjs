// One chart theme and one map style for every door. Colours come from theme.css, so that no page
// writes a hex value for a series.
//   chart(el, option)                         an ECharts chart in the house theme
//   map(el, {boundary, towns, breaks, …})     a MapLibre map without tiles
//   colour(m, towns, breaks)                  colours the towns anew
//   dots(m, id, points, token, {radius})      a layer of dots; show(m, id, on) hides it
//   ways(m, id, lines, token, {width})        a layer of lines
//   pin(m, lnglat, content, class)            a mark with words, a real DOM element
const VENDOR = new URL('../vendor/', import.meta.url);
const css = () => getComputedStyle(document.documentElement);

/** The value of a design token: c('pine-600'). */
export const c = (name) => css().getPropertyValue(`--sb-${name}`).trim();

/** Series colours in order: the subject first, then comparison, then neutral hues. */
export const series = () => [c('pine-600'), c('amber-400'), c('blue-600'), c('plum-500'), c('pine-300'), c('ink-3')];

/** Five classes of a choropleth, from little to much. */
export const ramp = () => [1, 2, 3, 4, 5].map((step) => c(`ramp-${step}`));

export async function chart(el, option) {
  const echarts = await import(new URL('echarts/dist/echarts.esm.min.mjs', VENDOR));
  const axis = {
    axisLine: { lineStyle: { color: c('line-2') } }, axisTick: { show: false },
    axisLabel: { color: c('ink-2'), fontSize: 12 }, splitLine: { lineStyle: { color: c('line') } },
  };
  echarts.registerTheme('songbai', {
    color: series(), textStyle: { fontFamily: c('font'), fontSize: 12, color: c('ink') },
    categoryAxis: { ...axis, splitLine: { show: false } }, valueAxis: axis,
    line: { symbol: 'circle', symbolSize: 5, lineStyle: { width: 2.5 } },
    tooltip: { borderColor: c('line-2'), textStyle: { color: c('ink'), fontSize: 13 } },
  });
  const drawn = echarts.init(el, 'songbai', { renderer: 'svg' });
  drawn.setOption({ animation: false, aria: { enabled: !el.hasAttribute('aria-label'), decal: { show: Boolean(option.decal) } }, ...option });
  new ResizeObserver(() => drawn.resize()).observe(el);
  return drawn;
}

let library;
async function maplibre() {
  library ??= await import(new URL('maplibre-gl/dist/maplibre-gl.mjs', VENDOR));
  return library;
}

/** Map words grow with the page: 12 px, and never under 24 px in elder mode. */
function wordSize() {
  const root = parseFloat(css().fontSize);
  return document.documentElement.dataset.mode === 'elder' ? root : Math.max(12, root * 0.75);
}

/** The box around all coordinates of some features: [[west, south], [east, north]]. */
export function extent(features) {
  const box = [[180, 90], [-180, -90]];
  const visit = (at) => {
    if (typeof at[0] !== 'number') { at.forEach(visit); return; }
    for (const axis of [0, 1]) { box[0][axis] = Math.min(box[0][axis], at[axis]); box[1][axis] = Math.max(box[1][axis], at[axis]); }
  };
  features.forEach((feature) => visit(feature.geometry.coordinates));
  return box;
}

const grown = ([[west, south], [east, north]], by) => [[west - by, south - by], [east + by, north + by]];

function layers(coloured, labels) {
  const drawn = [
    { id: 'bg', type: 'background', paint: { 'background-color': c('map-ground') } },
    { id: 'nb', type: 'line', source: 'neighbour', paint: { 'line-color': c('map-neighbour'), 'line-width': 1 } },
    { id: 'ds-shadow', type: 'line', source: 'district', paint: { 'line-color': c('line-2'), 'line-width': 7, 'line-blur': 6, 'line-translate': [0, 3] } },
    { id: 'tw', type: 'fill', source: 'town', paint: { 'fill-color': ['get', 'fill'], 'fill-antialias': true } },
    { id: 'tw-line', type: 'line', source: 'town', paint: { 'line-color': coloured ? c('card') : c('map-town'), 'line-width': coloured ? 1.2 : 1 } },
    { id: 'ds', type: 'line', source: 'district', layout: { 'line-join': 'round' }, paint: { 'line-color': c('pine-600'), 'line-width': 1.6 } },
  ];
  if (labels) {
    drawn.push({ id: 'lb', type: 'symbol', source: 'label',
      layout: { 'text-field': ['get', 'short'], 'text-font': ['Noto Sans CJK SC'], 'text-size': wordSize(), 'text-allow-overlap': false, 'text-padding': 1 },
      paint: { 'text-color': c('ink'), 'text-halo-color': 'rgba(255,255,255,.92)', 'text-halo-width': 1.6 } });
  }
  return drawn;
}

/**
 * Neighbours (grey), district (white), towns (line, or coloured by towns[name] and breaks), labels
 * from local fonts. Throws where WebGL is missing: the page then shows its list.
 */
export async function map(el, { boundary = el.dataset.boundary, towns = {}, breaks = null, labels = true, padding = 18, interactive = true, bounds = null, title = '示意图' } = {}) {
  const [maplibregl, found] = await Promise.all([maplibre(), fetch(boundary).then((answer) => answer.json())]);
  fill(found.features, towns, breaks);
  const of = (level) => found.features.filter((feature) => feature.properties.level === level);
  const source = (features) => ({ type: 'geojson', data: { type: 'FeatureCollection', features } });
  const labelled = of('town').map(({ properties }) => ({ type: 'Feature', properties, geometry: { type: 'Point', coordinates: [properties.lx, properties.ly] } }));
  const whole = extent(of('district').length ? of('district') : found.features);
  const drawn = new maplibregl.Map({
    container: el, bounds: bounds ?? whole, fitBoundsOptions: { padding, maxZoom: 14 }, maxBounds: grown(whole, 0.4), interactive,
    style: { version: 8, layers: layers(Boolean(breaks), labels),
      sources: { neighbour: source(of('neighbour')), district: source(of('district')), town: source(of('town')), label: source(labelled) } },
    dragRotate: false, cooperativeGestures: interactive && matchMedia('(max-width: 767.98px)').matches, attributionControl: false,
    localIdeographFontFamily: c('font'), canvasContextAttributes: { preserveDrawingBuffer: true },
    locale: { 'NavigationControl.ZoomIn': '放大', 'NavigationControl.ZoomOut': '缩小', 'Map.Title': title,
      'CooperativeGesturesHandler.WindowsHelpText': '按住 Ctrl 再滚动可缩放地图', 'CooperativeGesturesHandler.MacHelpText': '按住 ⌘ 再滚动可缩放地图',
      'CooperativeGesturesHandler.MobileHelpText': '用两个手指移动地图' },
  });
  if (interactive) drawn.addControl(new maplibregl.NavigationControl({ showCompass: false }), 'top-right');
  drawn.addControl(new maplibregl.AttributionControl({ compact: false, customAttribution: found.attribution ?? '镇街界线为示意 · 审图号待填' }), 'bottom-right');
  await new Promise((ready) => { drawn.on('load', ready); });
  outlines.set(drawn, of('town'));
  return drawn;
}

const outlines = new WeakMap();

/** Colours the towns anew: towns[name] and breaks as in map(). */
export function colour(m, towns, breaks) {
  const features = outlines.get(m);
  fill(features, towns, breaks);
  m.getSource('town').setData({ type: 'FeatureCollection', features });
}

function fill(features, towns, breaks) {
  const steps = ramp();
  for (const feature of features) {
    const value = towns[feature.properties.name];
    feature.properties.fill = !breaks || value == null ? c('card') : steps[breaks.filter((edge) => value >= edge).length];
  }
}

/** A dot layer under the labels. points is a FeatureCollection, token a colour of theme.css. */
export function dots(m, id, points, token, { radius = 5, filter = null, visible = true } = {}) {
  if (m.getSource(id)) { m.getSource(id).setData(points); return; }
  m.addSource(id, { type: 'geojson', data: points });
  m.addLayer({ id, type: 'circle', source: id, ...(filter ? { filter } : {}), layout: { visibility: visible ? 'visible' : 'none' },
    paint: { 'circle-radius': radius, 'circle-color': c(token), 'circle-stroke-color': c('card'), 'circle-stroke-width': 1.5 } }, m.getLayer('lb') ? 'lb' : undefined);
}

/** A layer of lines under another one. lines is a FeatureCollection, token a colour of theme.css. */
export function ways(m, id, lines, token, { width = 1.5, filter = null, under = 'lb' } = {}) {
  if (m.getSource(id)) { m.getSource(id).setData(lines); return; }
  m.addSource(id, { type: 'geojson', data: lines });
  m.addLayer({ id, type: 'line', source: id, ...(filter ? { filter } : {}), layout: { 'line-join': 'round', 'line-cap': 'round' },
    paint: { 'line-color': c(token), 'line-width': width, 'line-opacity': 0.85 } }, m.getLayer(under) ? under : undefined);
}

/** Shows or hides a layer. */
export const show = (m, id, on) => m.setLayoutProperty(id, 'visibility', on ? 'visible' : 'none');

/** A pin with words: a DOM element (text is set as text, never as markup) or an element of yours. */
export function pin(m, lnglat, content, cls = '', anchor = 'bottom') {
  const el = content instanceof Element ? content : Object.assign(document.createElement('div'), { textContent: content });
  if (cls) el.classList.add(...cls.split(' '));
  return new library.Marker({ element: el, anchor }).setLngLat(lnglat).addTo(m);
}

/** The content of a json_script element, or null. */
export function given(id) {
  const el = document.getElementById(id);
  return el ? JSON.parse(el.textContent) : null;
}
