// Moving a visit by dragging it to another line or another time, with its price before it is dropped.
// The same without dragging: 挪到别人那里 in the pane of the order.
//   [data-move="order"]       a block that may be moved, inside [data-staff][data-name], a line of time
//   #move[data-price]         the form that is sent; its date and plan are filled by the server
//   Escape                    puts it back
const STEP = 5; // minutes
const AWAY = 5; // px before a press is a drag
const THINK = 150; // ms over one place before its price is asked
const gantt = document.getElementById('gantt');
const form = document.getElementById('move');
let held = null;

const words = (minutes) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

function place(event) {
  const line = held.lines.find((one) => { const box = one.getBoundingClientRect(); return event.clientY >= box.top && event.clientY < box.bottom; });
  if (!line) return null;
  const box = line.getBoundingClientRect();
  const hour = held.first + ((event.clientX - held.grip - box.left) / box.width) * held.hours;
  const minutes = Math.round((hour * 60) / STEP) * STEP;
  const same = line === held.home && Math.abs(event.clientX - held.x) < 2 * AWAY;
  if (same || minutes < held.first * 60 || minutes >= (held.first + held.hours) * 60) return null;
  return { line, minutes };
}

const barred = (line) => line.dataset.provider !== held.block.dataset.provider;

function say(text, bad = false) {
  held.label.textContent = text;
  held.label.classList.toggle('is-bad', bad);
}

async function ask(spot) {
  const asked = `${spot.line.dataset.staff} ${spot.minutes}`;
  held.asked = asked;
  const given = new URLSearchParams({ date: form.elements.date.value, plan: form.elements.plan.value, order: held.order, staff: spot.line.dataset.staff, start: words(spot.minutes) });
  const answer = await fetch(`${form.dataset.price}?${given}`).catch(() => null);
  if (!held || held.asked !== asked) return;
  const said = answer?.ok ? (await answer.text()).trim() : '没算出来，松手再试';
  if (held?.asked === asked) { held.known = said; say(`${spot.line.dataset.name}，${said}`, said.startsWith('排不下')); }
}

function follow(event) {
  held.ghost.style.transform = `translate(${event.clientX - held.x}px, ${event.clientY - held.y}px)`;
  // Beside the pointer, and never outside the window.
  const { offsetWidth, offsetHeight } = held.label;
  const below = event.clientY + 18 + offsetHeight < innerHeight;
  held.label.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - offsetWidth - 4))}px`;
  held.label.style.top = `${below ? event.clientY + 18 : event.clientY - offsetHeight - 12}px`;
  const spot = place(event);
  held.lines.forEach((line) => line.classList.toggle('is-over', line === spot?.line));
  const key = spot ? `${spot.line.dataset.staff} ${spot.minutes}` : '';
  if (key === held.key) return;
  held.key = key;
  held.spot = spot;
  clearTimeout(held.later);
  if (!spot) { held.asked = ''; say('放回原处'); return; }
  held.known = '';
  if (barred(spot.line)) { held.known = '排不下'; say(`${spot.line.dataset.name}不是这家服务商的人`, true); return; }
  say(`${spot.line.dataset.name} ${words(spot.minutes)}，正在算…`);
  held.later = setTimeout(() => ask(spot), THINK);
}

function lift(event) {
  const { block } = held;
  held.lifted = true;
  held.ghost = block.cloneNode(true);
  held.ghost.removeAttribute('id');
  held.ghost.classList.add('ghost');
  block.parentElement.append(held.ghost);
  block.classList.add('is-held');
  held.label = Object.assign(document.createElement('div'), { className: 'price-tip' });
  held.label.setAttribute('role', 'status');
  document.body.append(held.label);
  held.lines.forEach((line) => line.classList.toggle('is-barred', barred(line)));
  follow(event);
}

function end() {
  if (!held) return;
  clearTimeout(held.later);
  held.ghost?.remove();
  held.label?.remove();
  held.block.classList.remove('is-held');
  held.lines.forEach((line) => line.classList.remove('is-over', 'is-barred'));
  held = null;
}

gantt?.addEventListener('pointerdown', (event) => {
  const block = event.target.closest('[data-move]');
  // Fingers scroll here; they move visits in the pane of the order.
  if (!block || event.button !== 0 || event.pointerType === 'touch') return;
  const lines = [...gantt.querySelectorAll('[data-staff]')];
  const grip = event.clientX - block.getBoundingClientRect().left;
  const { first, hours } = block.closest('.gantt').dataset;
  held = { block, lines, first: Number(first), hours: Number(hours), grip, home: block.closest('[data-staff]'), order: block.dataset.move, x: event.clientX, y: event.clientY, key: null };
});
addEventListener('pointermove', (event) => {
  if (!held) return;
  if (held.lifted) follow(event);
  else if (Math.hypot(event.clientX - held.x, event.clientY - held.y) > AWAY) lift(event);
});
addEventListener('pointerup', () => {
  if (!held?.lifted) { held = null; return; }
  const { spot, order, known } = held;
  // The click that follows a drag opens nothing.
  addEventListener('click', (event) => { event.preventDefault(); event.stopPropagation(); }, { capture: true, once: true });
  setTimeout(end);
  if (!spot || known?.startsWith('排不下')) return;
  form.elements.order.value = order;
  form.elements.staff.value = spot.line.dataset.staff;
  form.elements.start.value = words(spot.minutes);
  form.requestSubmit();
});
addEventListener('keydown', (event) => { if (event.key === 'Escape' && held?.lifted) end(); });
addEventListener('pointercancel', end);
gantt?.addEventListener('dragstart', (event) => { if (event.target.closest('[data-move]')) event.preventDefault(); });
