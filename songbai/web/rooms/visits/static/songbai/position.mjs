// Sends where a caregiver is, while her page is open and she has switched it on.
//   <section data-position="where to send it" data-position-until="ISO time">
//     stands only while it is to be sent; [data-position-words] inside says what went wrong,
//     [data-position-last] when the last one went.
// About once a minute, and when she has moved; one that could not be sent is not kept: the next
// one is better.
const EVERY = 60000; // ms between two
const SOONEST = 10000; // ms, even when she moves fast
const MOVED = 100; // metres
const ASKING = { enableHighAccuracy: true, timeout: 20000, maximumAge: 30000 };
const DENIED = 1;

let last; // {at, coords} as it was sent
let stopped = '';
let watching;

const box = () => document.querySelector('[data-position]');
const token = () => { try { return JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRFToken']; } catch { return ''; } };

function say(words) {
  const line = document.querySelector('[data-position-words]');
  if (line && line.textContent !== words) line.textContent = words;
}

/** When the last one went, without calling a screen reader every minute. */
function sent() {
  const line = document.querySelector('[data-position-last]');
  if (line) line.textContent = `${new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', hour: 'numeric', minute: '2-digit', hour12: false }).format(Date.now())} 发过一次。`;
}

/** Metres between two places that are near each other. */
function metres(a, b) {
  const east = (a.longitude - b.longitude) * Math.cos((a.latitude * Math.PI) / 180);
  return Math.hypot(east, a.latitude - b.latitude) * 111195;
}

function due(coords) {
  if (!last) return true;
  const since = Date.now() - last.at;
  return since >= EVERY - 1000 || (since >= SOONEST && metres(coords, last.coords) > MOVED);
}

async function send({ coords, timestamp }) {
  const to = box();
  if (!to || !due(coords)) return;
  last = { at: Date.now(), coords };
  const { longitude, latitude, accuracy } = coords;
  const body = new URLSearchParams({ longitude, latitude, accuracy, device_time: new Date(timestamp).toISOString() });
  try {
    const answer = await fetch(to.dataset.position, { method: 'POST', body, redirect: 'manual', headers: { 'X-CSRFToken': token() } });
    if (answer.ok) { say(''); sent(); return; }
    if (answer.status === 409) stop(await answer.text());
    else if (answer.type === 'opaqueredirect' || answer.status === 403) stop('登录过期了，位置没有发。请刷新这一页。');
  } catch { /* no network: the next one will do */ }
}

function failed(error) {
  if (error.code === DENIED) stop('手机没有允许定位，位置没有发。请在手机设置里允许。');
}

function stop(words) {
  stopped = words;
  if (watching !== undefined) navigator.geolocation.clearWatch(watching);
  watching = undefined;
  say(words);
}

/** Begins or ends as the page now says. */
function look() {
  const to = box();
  const wanted = to && !stopped && Date.now() < Date.parse(to.dataset.positionUntil);
  if (wanted && !navigator.geolocation) stop('这部手机不能定位，位置没有发。');
  else if (wanted && watching === undefined) watching = navigator.geolocation.watchPosition(send, failed, ASKING);
  else if (!wanted && watching !== undefined) stop('');
}

look();
// Standing still, a phone has nothing new to tell by itself.
setInterval(() => { look(); if (watching !== undefined) navigator.geolocation.getCurrentPosition(send, failed, ASKING); }, EVERY);
// What the server shows anew may be wanted again.
document.body.addEventListener('htmx:load', () => { stopped = ''; look(); });
