// Every page of the assessor's door: what waits on this device is shown and sent; the day's list and
// its forms are kept for the time without signal; logging out takes them away again.
//   [data-account]              whose pages these are
//   [data-offline] [data-waiting] [data-said]   banners
//   [data-worker] [data-door]                    addresses of the service worker and of its pages
//   [data-keep-page="/address/"]  a page to keep
//   [data-local="sheet id"]     how many answers of a sheet wait here
//   canvas[data-mark]           the drawn signature, kept as an SVG path in #mark
import { dismiss, forget, handOver, send, waiting } from './assessor-queue.mjs';

const AGAIN = 20000; // ms between tries
const account = Number(document.querySelector('[data-account]')?.dataset.account ?? 0);
let offline = !navigator.onLine;

const line = (words, ...more) => {
  const box = Object.assign(document.createElement('div'), { className: 'sb-banner is-bad' });
  box.setAttribute('role', 'alert');
  box.append(Object.assign(document.createElement('span'), { textContent: words }), ...more);
  return box;
};

function say(lines) {
  const place = document.querySelector('[data-said]');
  const words = lines.map((one) => one.textContent).join('|');
  if (place && place.dataset.words !== words) { place.dataset.words = words; place.replaceChildren(...lines); }
}

async function show(said = []) {
  const all = await waiting(account);
  const taps = all.filter((one) => !one.refused);
  document.querySelectorAll('[data-offline]').forEach((one) => { one.hidden = !offline; one.querySelector('[data-waiting-count]').textContent = taps.length; });
  document.querySelectorAll('[data-waiting]').forEach((one) => { one.hidden = offline || !taps.length; one.querySelector('[data-waiting-count]').textContent = taps.length; });
  document.querySelectorAll('[data-local]').forEach((one) => {
    const here = taps.filter((tap) => String(tap.sheet) === one.dataset.local).length;
    one.hidden = !here;
    one.querySelector('b').textContent = here;
  });
  const refused = all.filter((one) => one.refused).map((one) => {
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'btn btn-outline', textContent: '知道了' });
    button.addEventListener('click', async () => { await dismiss(one); show(); });
    return line(`${one.item} 没有收下：${one.refused}`, button);
  });
  say([...said.map((words) => line(words)), ...refused]);
}

async function sync() {
  const before = (await waiting(account)).filter((one) => !one.refused);
  const result = before.length ? await send(account) : { offline: !navigator.onLine, said: [], problems: [] };
  offline = result.offline || !navigator.onLine;
  await show(result.said);
  if (before.length) document.dispatchEvent(new CustomEvent('assessor:sent', { detail: result }));
}

// ── pages for the time without signal ──
async function keepPages() {
  const place = document.querySelector('[data-worker]');
  if (!place || !('serviceWorker' in navigator)) return;
  const { worker, door } = place.dataset;
  await navigator.serviceWorker.register(worker, { scope: door });
  const { active } = await navigator.serviceWorker.ready;
  await document.fonts.ready;
  const loaded = performance.getEntriesByType('resource').map((one) => new URL(one.name)).filter((url) => url.origin === location.origin && url.pathname.startsWith('/static/')).map((url) => url.pathname);
  const pages = [...document.querySelectorAll('[data-keep-page]')].map((one) => one.dataset.keepPage).filter(Boolean);
  const channel = new MessageChannel();
  channel.port1.onmessage = (event) => {
    const place = document.querySelector('[data-kept]');
    if (!place || !pages.length || event.data < pages.length + 1) return;
    place.querySelector('[data-kept-count]').textContent = pages.length;
    place.hidden = false;
  };
  active.postMessage({ keep: [location.pathname, ...pages, ...new Set(loaded)] }, [channel.port2]);
  navigator.storage?.persist?.();
}

let warned = false;
async function leave(event) {
  const form = event.target;
  if (!form.matches('[data-keep-clear]')) return;
  event.preventDefault();
  const left = (await waiting(account)).length;
  if (left && !warned) {
    warned = true;
    say([line(`还有 ${left} 条没上传。现在退出，它们留在这台设备里，您下次在这台设备登录时再传。要退出请再按一次。`)]);
    return;
  }
  await forget();
  form.submit();
}

// ── the drawn signature ──
function drawn(canvas) {
  const field = document.getElementById('mark');
  const pen = canvas.getContext('2d');
  Object.assign(pen, { lineWidth: 4, lineCap: 'round', lineJoin: 'round' });
  const MOST = 38000;
  let down = false;
  const redraw = () => { pen.clearRect(0, 0, canvas.width, canvas.height); if (field.value) pen.stroke(new Path2D(field.value)); };
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    return `${Math.round((event.clientX - box.left) * canvas.width / box.width)} ${Math.round((event.clientY - box.top) * canvas.height / box.height)}`;
  };
  canvas.addEventListener('pointerdown', (event) => { down = true; canvas.setPointerCapture(event.pointerId); field.value += `M${point(event)}`; });
  canvas.addEventListener('pointermove', (event) => { if (down && field.value.length < MOST) { field.value += `L${point(event)}`; redraw(); } });
  ['pointerup', 'pointercancel'].forEach((name) => canvas.addEventListener(name, () => { down = false; }));
  document.querySelector('[data-mark-clear]').addEventListener('click', () => { field.value = ''; redraw(); });
  redraw();
}

if (account) {
  try { await handOver(account); } catch { say([line('这台设备存不下记录（可能是无痕窗口）。请换普通窗口再填。')]); }
  document.addEventListener('submit', leave);
  document.addEventListener('assessor:kept', sync);
  addEventListener('online', sync);
  addEventListener('offline', () => { offline = true; show(); });
  setInterval(sync, AGAIN);
  document.querySelectorAll('canvas[data-mark]').forEach(drawn);
  await sync();
  keepPages().catch(() => { /* an old browser, or no signal at the first visit: the page still works while it is open */ });
}
