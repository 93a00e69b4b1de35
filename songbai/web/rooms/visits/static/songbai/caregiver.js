// Caregiver pages. Without a network nothing is blocked: what cannot be sent is kept on this phone
// and sent again, with the same record id, when the network is back. Sending twice does no harm.
//   <form data-record="check_in|check_out|step" data-words="签到" data-about="9:30" hx-post="…">
//   <button data-sync="account id">    how many records wait; a press sends them now
//   [data-offline]                     shown while there is no network
//   [data-refused]                     records the server did not take, each with its reason
//   [data-changed]                     the route changed while something was being typed
//   [data-minutes-since="ISO time"]    counts up
(() => {
  const AGAIN = 30000; // ms between tries
  const account = () => document.querySelector('[data-sync]')?.dataset.sync ?? '';
  const name = () => `songbai-queue:${account()}`;
  const read = () => { try { return JSON.parse(localStorage.getItem(name())) ?? []; } catch { return []; } };
  const write = (queue) => { try { localStorage.setItem(name(), JSON.stringify(queue)); return true; } catch { return false; } };
  const drop = (id) => write(read().filter((item) => item.id !== id));
  const recordForm = (el) => el?.closest?.('form[data-record]');
  let sending = false;

  // ── what is shown ──
  function show() {
    const queue = read();
    const button = document.querySelector('[data-sync]');
    if (button) { button.hidden = !queue.length; button.querySelector('[data-sync-count]').textContent = String(queue.length); }
    document.querySelectorAll('[data-offline]').forEach((banner) => { banner.hidden = navigator.onLine && !queue.some((item) => !item.refused); });
    showRefused(queue.filter((item) => item.refused));
    queue.forEach(markKept);
  }

  function line(words, ...buttons) {
    const box = Object.assign(document.createElement('div'), { className: 'sb-banner is-bad' });
    box.setAttribute('role', 'alert');
    box.append(Object.assign(document.createElement('span'), { textContent: words }), ...buttons);
    return box;
  }
  function button(words, press) {
    const made = Object.assign(document.createElement('button'), { type: 'button', className: 'btn btn-outline', textContent: words });
    made.addEventListener('click', press);
    return made;
  }
  function showRefused(refused) {
    const place = document.querySelector('[data-refused]');
    place?.replaceChildren(...refused.map((item) => {
      const form = formOf(item);
      const buttons = form ? [button('补写原因', () => fill(form, item))] : [button('知道了，不用传了', () => { drop(item.id); show(); })];
      return line(`${item.about} ${item.words}没有传上：${item.refused}`, ...buttons);
    }));
  }
  const formOf = (item) => (item.kind === 'step' ? null : [...document.querySelectorAll('form[data-record]')].find((form) => form.getAttribute('action') === item.action));

  // A refused record goes back into its form with the time and place it was made.
  function fill(form, item) {
    item.fields.forEach(([field, value]) => { const input = form.elements.namedItem(field); if (input) input.value = value; });
    form.dataset.kept = 'yes';
    form.hidden = false;
    form.querySelector('[data-reason]').hidden = false;
    form.querySelector('details')?.setAttribute('open', '');
    form.querySelector('[name="reason"]').focus();
  }

  function markKept(item) {
    if (item.kind === 'step') {
      const form = [...document.querySelectorAll('form[data-record="step"]')].find((one) => one.getAttribute('action') === item.action && one.elements.namedItem('code').value === item.code);
      const words = form?.querySelector('[data-step-words]');
      if (words) words.textContent = '待上传';
      const box = form?.elements.namedItem('done');
      if (box) box.checked = item.fields.some(([field]) => field === 'done');
      return;
    }
    const form = item.refused ? null : formOf(item);
    if (!form || form.hidden) return;
    form.hidden = true;
    const note = Object.assign(document.createElement('p'), { className: 'sb-banner wide', textContent: `${item.words}已存在手机里，有网后自动上传。` });
    note.setAttribute('role', 'status');
    form.before(note);
  }

  // ── keeping ──
  function keep(form, parameters) {
    const fields = [...parameters.entries()].filter(([field, value]) => field !== 'csrfmiddlewaretoken' && typeof value === 'string');
    const code = form.elements.namedItem('code')?.value ?? '';
    const kind = form.dataset.record;
    const action = form.getAttribute('action');
    const id = kind === 'step' ? `${action}#${code}` : parameters.get('record');
    const item = { id, kind, action, fields, code: kind === 'step' ? code : '', words: form.dataset.words ?? '记录', about: form.dataset.about ?? '' };
    if (!write([...read().filter((one) => one.id !== id), item])) alertLine('手机存不下记录了，请先不要关这一页，有网后再按一次。');
    show();
  }
  function alertLine(words) { document.querySelector('[data-refused]')?.append(line(words)); }

  // ── sending again ──
  const token = () => { try { return JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRFToken']; } catch { return ''; } };
  const reasonIn = (html) => new DOMParser().parseFromString(html, 'text/html').querySelector('.sb-errors li, .sb-field-error')?.textContent.trim();

  async function send(item) {
    const body = new URLSearchParams(item.fields);
    const response = await fetch(item.action, { method: 'POST', body, headers: { 'X-CSRFToken': token(), 'HX-Request': 'true' } });
    if (response.ok) { drop(item.id); return 'sent'; }
    if ([401, 403].includes(response.status)) return 'login';
    if (response.status >= 500) return 'later';
    const why = reasonIn(await response.text()) ?? (response.status === 404 ? '这一单已经取消或改派了。' : '机构要核对这条记录，请打给机构。');
    write(read().map((one) => (one.id === item.id ? { ...one, refused: why } : one)));
    return 'refused';
  }

  async function sync() {
    if (sending || !account()) return;
    sending = true;
    let changed = false;
    try {
      for (const item of read().filter((one) => !one.refused)) {
        const result = await send(item);
        if (result === 'login') { alertLine('登录过期了，记录还在手机里。请刷新这一页，登录后自动上传。'); break; }
        if (result === 'later') break;
        changed = true;
      }
    } catch { /* still no network: everything stays */ } finally { sending = false; }
    show();
    if (changed && idle()) location.reload();
  }

  // ── the page ──
  const idle = () => !document.querySelector('.sb-scan video, form[data-kept]') && ![...document.querySelectorAll('#day input:not([type="hidden"]):not([type="file"])')].some((input) => (input.type !== 'checkbox' && !input.closest('form[hidden]') && input.value !== input.defaultValue));

  document.addEventListener('scan:found', (event) => { const form = recordForm(event.target); if (form) form.dataset.placed = 'yes'; });
  document.addEventListener('scan:position', (event) => { const form = recordForm(event.target); if (form) form.dataset.placed = 'yes'; });

  document.addEventListener('DOMContentLoaded', () => {
    const { body } = document;
    // A code typed by hand: the position is taken before the form is sent.
    body.addEventListener('htmx:confirm', (event) => {
      const form = recordForm(event.detail.elt);
      if (!form?.elements.namedItem('longitude') || form.elements.namedItem('longitude').value || form.dataset.placed || !navigator.geolocation) return;
      event.preventDefault();
      const message = form.querySelector('[data-scan-message]');
      message.textContent = '正在取位置';
      const go = (found) => {
        if (found) { form.elements.namedItem('longitude').value = found.coords.longitude; form.elements.namedItem('latitude').value = found.coords.latitude; form.elements.namedItem('accuracy').value = found.coords.accuracy; }
        message.textContent = found ? '取到位置了' : '没有取到位置';
        event.detail.issueRequest();
      };
      navigator.geolocation.getCurrentPosition(go, () => go(null), { enableHighAccuracy: true, timeout: 8000, maximumAge: 10000 });
    });
    body.addEventListener('htmx:configRequest', (event) => {
      const form = recordForm(event.detail.elt);
      if (!form || form.dataset.record === 'step') return;
      if (!form.dataset.kept) event.detail.parameters.device_time = new Date().toISOString();
    });
    body.addEventListener('htmx:sendError', (event) => {
      const form = recordForm(event.detail.elt);
      if (form) keep(form, event.detail.requestConfig.formData);
    });
    // A refused form comes back whole, with its errors.
    body.addEventListener('htmx:beforeSwap', (event) => { if (event.detail.xhr.status === 409) { event.detail.shouldSwap = true; event.detail.isError = false; } });
    body.addEventListener('htmx:afterRequest', (event) => {
      const form = recordForm(event.detail.requestConfig?.elt); // elt itself may be swapped out by now
      if (!form || !event.detail.xhr.status) return;
      const id = form.dataset.record === 'step' ? `${form.getAttribute('action')}#${form.elements.namedItem('code').value}` : event.detail.requestConfig.formData.get('record');
      drop(id); // taken, or shown with its error: no longer waiting
      show();
    });
    body.addEventListener('htmx:afterSettle', show);
    body.addEventListener('htmx:beforeRequest', (event) => {
      if (event.detail.elt.id !== 'day' || idle()) return;
      event.preventDefault();
      document.querySelectorAll('[data-changed]').forEach((banner) => { banner.hidden = false; });
    });
    document.querySelector('[data-sync]')?.addEventListener('click', sync);
    addEventListener('online', () => { show(); sync(); });
    addEventListener('offline', show);
    setInterval(() => { if (read().some((item) => !item.refused)) sync(); }, AGAIN);
    setInterval(() => document.querySelectorAll('[data-minutes-since]').forEach((el) => {
      el.textContent = String(Math.max(0, Math.floor((Date.now() - Date.parse(el.dataset.minutesSince)) / 60000)));
    }), AGAIN);
    show();
    sync();
  });
})();
