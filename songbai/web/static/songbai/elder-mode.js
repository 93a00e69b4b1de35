// 长者模式, 放大文字, 读给我听. Loaded in the head and not deferred, so that the size is right before
// the first paint.
//   <button data-elder-toggle>          cookie songbai-mode=elder|plain; the server reads it
//   <button data-text-size>             next of three sizes, kept in localStorage
//   <button data-read-aloud>            reads main, or what data-read-aloud="#id" names; again: stops
// What carries data-no-read is not read.
(() => {
  const root = document.documentElement;
  const YEAR = 31536000;
  const SIZES = ['标准', '大', '特大'];

  const kept = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* private window: lasts for this page */ } },
  };

  const setSize = (step) => { if (step) root.dataset.text = step; else delete root.dataset.text; };
  setSize(Number(kept.get('songbai-text')) || 0);

  const say = (words) => {
    let line = document.querySelector('[data-say]');
    if (!line) {
      line = document.createElement('p');
      line.setAttribute('data-say', '');
      line.setAttribute('role', 'status');
      line.className = 'sb-banner is-info';
      (document.querySelector('main') ?? document.body).prepend(line);
    }
    line.hidden = !words;
    line.textContent = words;
  };

  function toggleMode() {
    const elder = root.dataset.mode !== 'elder';
    document.cookie = `songbai-mode=${elder ? 'elder' : 'plain'}; path=/; max-age=${YEAR}; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`;
    if (elder) root.dataset.mode = 'elder'; else delete root.dataset.mode;
    markButtons();
    // The words for elders come from the server; a page with half-typed words is not taken away.
    const typed = [...document.querySelectorAll('input, textarea')].some((field) => field.type !== 'hidden' && field.value !== field.defaultValue);
    if (!typed) location.reload();
  }

  function nextSize() {
    const step = ((Number(root.dataset.text) || 0) + 1) % SIZES.length;
    kept.set('songbai-text', String(step));
    setSize(step);
    say(`文字大小：${SIZES[step]}`);
  }

  function markButtons() {
    document.querySelectorAll('[data-elder-toggle]').forEach((button) => {
      const elder = root.dataset.mode === 'elder';
      const words = button.querySelector('span');
      if (words) words.textContent = elder ? '换成普通字号' : button.dataset.elderToggle || '长者模式';
    });
  }

  // ── reading aloud ──
  const speech = window.speechSynthesis;
  let reading = null;

  function textOf(el) {
    const silent = 'script, style, nav, form, button, .btn, [aria-hidden="true"], [data-no-read], [data-say], .visually-hidden, [hidden], .sb-map';
    const parts = [];
    const walk = (node) => {
      if (node.nodeType === Node.TEXT_NODE) { parts.push(node.data); return; }
      if (node.nodeType !== Node.ELEMENT_NODE || node.matches(silent)) return;
      node.childNodes.forEach(walk);
      if (/^(block|flex|grid|list-item|table-row)$/.test(getComputedStyle(node).display)) parts.push('。');
    };
    walk(el);
    return parts.join('').replace(/\s+/g, ' ').replace(/(\s*。\s*)+/g, '。').replace(/([？！，；：])。/g, '$1').replace(/^。/, '');
  }

  // Some browsers fall silent in a long text: short pieces, cut at the ends of sentences.
  const pieces = (text) => text.match(/[^。！？；]{1,120}[。！？；]?/g) ?? [];

  function voices() {
    return new Promise((found) => {
      const now = speech.getVoices();
      if (now.length) { found(now); return; }
      const late = setTimeout(() => found(speech.getVoices()), 1500);
      speech.addEventListener('voiceschanged', () => { clearTimeout(late); found(speech.getVoices()); }, { once: true });
    });
  }

  function stop() {
    if (!reading) return;
    speech.cancel();
    const { button, words, text } = reading;
    reading = null;
    words.textContent = text;
    button.setAttribute('aria-pressed', 'false');
  }

  async function read(button) {
    if (reading) { stop(); return; }
    const nobody = '这台设备不会朗读。请打 12349，我们读给您听。';
    if (!speech) { say(nobody); return; }
    const words = button.querySelector('span') ?? button;
    reading = { button, words, text: words.textContent };
    words.textContent = '停下来';
    button.setAttribute('aria-pressed', 'true');
    const all = await voices();
    if (!reading) return;
    const voice = all.find((one) => /^zh[-_](cn|hans)/i.test(one.lang)) ?? all.find((one) => /^(zh|cmn)/i.test(one.lang));
    const queue = pieces(textOf(document.querySelector(button.dataset.readAloud || 'main')));
    if (!voice || !queue.length) { stop(); say(nobody); return; }
    const mine = reading;
    const next = () => {
      if (reading !== mine) return;
      if (!queue.length) { stop(); return; }
      const line = new SpeechSynthesisUtterance(queue.shift());
      Object.assign(line, { lang: 'zh-CN', voice, rate: 0.9 });
      line.addEventListener('end', next);
      line.addEventListener('error', (event) => { if (reading === mine && event.error !== 'canceled') { stop(); say(nobody); } });
      speech.speak(line);
    };
    next();
  }

  addEventListener('pagehide', () => speech?.cancel());
  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-elder-toggle], [data-text-size], [data-read-aloud]');
    if (!button) return;
    if (button.hasAttribute('data-elder-toggle')) toggleMode();
    else if (button.hasAttribute('data-text-size')) nextSize();
    else read(button);
  });
  document.addEventListener('DOMContentLoaded', markButtons);
})();
