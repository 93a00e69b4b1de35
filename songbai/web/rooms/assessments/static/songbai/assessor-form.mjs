// The form: one screen at a time, each answer kept on this device at once and sent when it can be.
import { both, device, fresh, keep, look, overlay } from './assessor-queue.mjs';

const root = document.querySelector('[data-form]');
const NEXT = 280; // ms to see what was pressed before the next item comes
const PAUSE = 800; // ms without a key before typed text is kept
const LOOK = 30000; // ms between looks at what another device did
const ICD = /^[A-Z]\d\d(\.\d{1,2})?$/;

if (root) {
  const begin = JSON.parse(document.getElementById('begin').textContent);
  const screens = [...document.querySelectorAll('[data-screen]')];
  const questions = [...document.querySelectorAll('.q')];
  const byCode = new Map(questions.map((q) => [q.dataset.code, q]));
  let known = begin;
  let view = begin;
  let me = '';
  let place = '';
  let returned = [];
  const writing = new Set(); // on the way to the disk

  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
  const nameOf = (q) => (q.querySelector('h3')?.firstChild ?? q.closest('[data-screen]').querySelector('h2').firstChild).textContent.trim();
  const newer = (one, other) => (other && other.at > one.at ? other : one);

  // ── what holds now ──
  async function refresh() {
    const { told, mine } = await both(begin.account, begin.sheet);
    known = newer(known, told);
    const there = new Set(mine.map((one) => one.record));
    view = overlay(known, [...mine, ...[...writing].filter((one) => !there.has(one.record))]);
    paint(mine.filter((one) => !one.refused).length);
  }

  async function answer(q, value, { next = false } = {}) {
    const code = q.dataset.code;
    if (same(view.answers[code] ?? null, value) && !view.questions[code]) { if (next) turn(1); return; }
    const tap = { kind: 'tap', account: begin.account, sheet: begin.sheet, to: begin.taps, done: begin.finish, record: fresh(), item: code, value, device: me, at: new Date().toISOString(), replaces: view.heads[code] ?? [] };
    view = overlay(view, [tap]); // a second press right after must replace this one
    await store(tap);
    if (next) setTimeout(() => { if (place === q.closest('[data-screen]').dataset.screen) turn(1); }, NEXT);
  }
  async function store(one) {
    writing.add(one);
    try { await keep(one); } catch { writing.delete(one); await refresh(); said('这台设备存不下了，这一条没有记下，请先清出空间。'); return; }
    writing.delete(one);
    await refresh();
    document.dispatchEvent(new CustomEvent('assessor:kept'));
  }
  const said = (words) => { document.querySelector('[data-saved]').textContent = words; };

  // ── painting ──
  function paint(left) {
    questions.forEach(paintQuestion);
    document.querySelectorAll('a[data-part]').forEach(paintPart);
    said(left ? `已存，${left} 条待传` : Object.keys(view.answers).length ? '已上传' : '');
    paintEnd();
  }
  function paintQuestion(q) {
    const value = view.answers[q.dataset.code] ?? null;
    const asked = view.questions[q.dataset.code];
    q.querySelectorAll('.opt').forEach((button) => {
      const own = JSON.parse(button.dataset.value);
      const list = !('none' in button.dataset) && ['many', 'codes'].includes(q.dataset.kind);
      button.setAttribute('aria-pressed', String(!asked && value !== null && (list ? value.includes(own) : same(value, own))));
    });
    q.querySelectorAll('[data-count]').forEach((row) => { row.querySelector('output').textContent = value?.[row.dataset.count] ?? 0; });
    const typed = q.querySelector('[data-text], [data-number]');
    if (typed && document.activeElement !== typed) typed.value = value ?? '';
    const added = q.querySelector('[data-added]');
    if (added) {
      const listed = new Set([...q.querySelectorAll('.opt:not([data-extra])')].map((button) => JSON.parse(button.dataset.value)));
      const extra = (value ?? []).filter((code) => !listed.has(code));
      if (!same(extra, [...added.children].map((one) => JSON.parse(one.dataset.value)))) added.replaceChildren(...extra.map((code) => option(code, code, true)));
    }
    paintAsked(q, asked);
  }
  function option(words, value, pressed) {
    const made = Object.assign(document.createElement('button'), { type: 'button', className: 'opt' });
    made.dataset.value = JSON.stringify(value);
    made.dataset.extra = '';
    made.setAttribute('aria-pressed', String(pressed));
    made.append(Object.assign(document.createElement('span'), { textContent: words }));
    return made;
  }
  function wordsOf(q, value) {
    const button = [...q.querySelectorAll('.opt')].find((one) => same(JSON.parse(one.dataset.value), value));
    if (button) return button.querySelector('span').textContent;
    if (value === null) return '没有填';
    if (Array.isArray(value)) return value.join('、');
    if (typeof value === 'object') return Object.entries(value).map(([name, times]) => `${name} ${times} 次`).join('、');
    return String(value);
  }
  // Two devices answered differently: both are shown, and the assessor says which one holds.
  function paintAsked(q, asked) {
    const box = q.querySelector('[data-asked]');
    box.hidden = !asked;
    const shown = JSON.stringify(asked ?? null);
    if (box.dataset.shown === shown) return;
    box.dataset.shown = shown;
    if (!asked) { box.replaceChildren(); return; }
    const title = Object.assign(document.createElement('p'), { textContent: '两台设备填得不一样，请选一个：' });
    title.setAttribute('role', 'alert');
    box.replaceChildren(title, ...asked.map((one) => {
      const when = new Date(one.at).toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false });
      const made = option(`${when} ${one.device === me ? '这台设备' : '另一台设备'}：${wordsOf(q, one.value)}`, one.value, false);
      made.dataset.settles = '';
      return made;
    }));
  }
  const isMissing = (q) => (view.questions[q.dataset.code] || ('needed' in q.dataset && view.answers[q.dataset.code] === undefined));
  function paintPart(link) {
    const inside = questions.filter((q) => q.closest('[data-screen]').dataset.part === link.dataset.part);
    if (!inside.length) return;
    const done = inside.filter((q) => view.answers[q.dataset.code] !== undefined && !view.questions[q.dataset.code]).length;
    const open = inside.some(isMissing);
    link.querySelector('b').textContent = `${done}/${inside.length}`;
    link.classList.toggle('is-done', done > 0 && !open);
    link.classList.toggle('is-asked', inside.some((q) => view.questions[q.dataset.code]));
  }
  function paintEnd() {
    const missing = questions.filter(isMissing);
    const words = document.querySelector('[data-end-words]');
    const at = view.finished && new Date(view.finished).toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false });
    words.textContent = view.stopped ? '这次评估已暂停。恢复以后再交。' : at ? `${at} 已经交了。改动以后要再交一次。` : missing.length ? `还差 ${missing.length} 项，点一下就到：` : '都填好了。';
    document.querySelector('[data-missing]').replaceChildren(...missing.map((q) => {
      const row = document.createElement('li');
      const link = Object.assign(document.createElement('a'), { href: `#${q.closest('[data-screen]').dataset.screen}`, textContent: view.questions[q.dataset.code] ? `${nameOf(q)}：两台设备填得不一样` : nameOf(q) });
      row.append(link);
      return row;
    }), ...returned.map((one) => Object.assign(document.createElement('li'), { textContent: one.problem })));
    document.querySelector('[data-finish]').hidden = Boolean(missing.length || at || view.stopped);
    document.querySelector('[data-after]').hidden = !at;
  }

  // ── one screen at a time ──
  function here() { return screens.findIndex((one) => one.dataset.screen === place); }
  function show(code, focus = true) {
    const found = screens.find((one) => one.dataset.screen === code) ?? screens.find((one) => [...one.querySelectorAll('.q')].some(isMissing)) ?? screens.at(-1);
    place = found.dataset.screen;
    screens.forEach((one) => { one.hidden = one !== found; });
    document.querySelectorAll('a[data-part]').forEach((link) => { if (link.dataset.part === found.dataset.part) link.setAttribute('aria-current', 'true'); else link.removeAttribute('aria-current'); });
    document.querySelector('a[data-part][aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
    document.querySelector('[data-place]').textContent = `第 ${here() + 1} 页，共 ${screens.length} 页`;
    document.querySelectorAll('[data-turn]').forEach((button) => { button.disabled = !screens[here() + Number(button.dataset.turn)]; });
    if (focus) { found.querySelector('h2').focus({ preventScroll: true }); scrollTo(0, 0); }
  }
  function turn(by) { const next = screens[here() + by]; if (next) location.hash = next.dataset.screen; }
  addEventListener('hashchange', () => show(decodeURIComponent(location.hash.slice(1))));

  // ── pressing ──
  document.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    if (button.dataset.turn) { turn(Number(button.dataset.turn)); return; }
    if ('finish' in button.dataset) { handIn(); return; }
    const q = button.closest('.q');
    if (!q) return;
    if (button.matches('.opt')) press(q, button);
    else if (button.dataset.step) count(q, button);
    else if ('add' in button.dataset) add(q);
  });
  function press(q, button) {
    const value = JSON.parse(button.dataset.value);
    const before = view.answers[q.dataset.code] ?? null;
    if ('settles' in button.dataset) { answer(q, value); return; }
    if ('none' in button.dataset) { answer(q, same(before, value) ? null : value); return; }
    if (['many', 'codes'].includes(q.dataset.kind)) {
      const list = before ?? [];
      const after = list.includes(value) ? list.filter((one) => one !== value) : [...list, value];
      answer(q, after.length ? after : null);
      return;
    }
    const scored = q.closest('[data-screen]').dataset.screen === q.dataset.code;
    answer(q, !scored && same(before, value) ? null : value, { next: scored });
  }
  function count(q, button) {
    const name = button.closest('[data-count]').dataset.count;
    const before = view.answers[q.dataset.code] ?? {};
    const times = Math.min(99, Math.max(0, (before[name] ?? 0) + Number(button.dataset.step)));
    const { [name]: _, ...others } = before;
    answer(q, times ? { ...others, [name]: times } : others);
  }
  function add(q) {
    const field = q.querySelector('[data-icd]');
    const code = field.value.trim().toUpperCase();
    wrong(q, ICD.test(code) ? '' : '编码是一个字母加两位数字，例如 I10 或 F01.2');
    if (!ICD.test(code)) return;
    field.value = '';
    const list = view.answers[q.dataset.code] ?? [];
    if (!list.includes(code)) answer(q, [...list, code]);
  }
  function wrong(q, words) { const line = q.querySelector('[data-wrong]'); line.textContent = words; line.hidden = !words; }

  const later = new Map();
  const typed = (q, field) => {
    clearTimeout(later.get(q));
    const text = field.value.trim();
    if (!field.matches('[data-number]')) { answer(q, text || null); return; }
    const number = Number(text);
    const bad = text && (!Number.isFinite(number) || (field.min && number < Number(field.min)) || (field.max && number > Number(field.max)));
    wrong(q, bad ? `要在 ${field.min} 到 ${field.max} 之间` : '');
    if (!bad) answer(q, text ? number : null);
  };
  root.addEventListener('change', (event) => { if (event.target.matches('[data-text], [data-number]')) typed(event.target.closest('.q'), event.target); });
  root.addEventListener('input', (event) => {
    if (!event.target.matches('[data-text]')) return;
    const q = event.target.closest('.q');
    clearTimeout(later.get(q));
    later.set(q, setTimeout(typed, PAUSE, q, event.target));
  });

  async function handIn() {
    returned = [];
    await store({ kind: 'finish', account: begin.account, sheet: begin.sheet, to: begin.taps, done: begin.finish, at: new Date().toISOString() });
  }

  document.addEventListener('assessor:sent', async (event) => {
    returned = event.detail.problems.filter((one) => one.sheet === begin.sheet);
    await refresh();
  });
  async function glance() { if (navigator.onLine && await look(begin.account, begin.sheet, begin.taps)) await refresh(); }
  addEventListener('online', glance);
  setInterval(glance, LOOK);

  me = await device();
  await refresh();
  show(decodeURIComponent(location.hash.slice(1)), false);
  glance();
}
