// Forms that are sent once, and typed words that are not lost.
//   <form data-once> … <input type="hidden" name="idempotency_key" value="…">
//     While it is being sent the button says 正在提交 and a second press does nothing. Sent again
//     after a broken connection (back, reload), the form carries the same key; a new visit gets the
//     key of the server, or a fresh one where that is empty.
//   <form data-keep="order">
//     What is typed stays in sessionStorage of this tab and comes back after an error, a broken
//     connection or a login (pages with <html data-keep-page>). A page that arrives after the form
//     was accepted forgets it. Hidden, password, file and one-time-code fields are never kept.
//   <form data-keep-clear>               (logout) forgets everything that was kept.
(() => {
  const KEEP = 'songbai-keep:';
  const KEY = 'songbai-once:';
  const store = {
    get: (key) => { try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; } },
    set: (key, value) => { try { sessionStorage.setItem(key, JSON.stringify(value)); } catch { /* storage is off: nothing is kept */ } },
    drop: (key) => { try { sessionStorage.removeItem(key); } catch { /* as above */ } },
    keys: (prefix) => { try { return Object.keys(sessionStorage).filter((key) => key.startsWith(prefix)); } catch { return []; } },
  };
  const cameBack = ['reload', 'back_forward'].includes(performance.getEntriesByType('navigation')[0]?.type);

  // randomUUID exists only on https and localhost.
  const fresh = () => crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5');

  // ── sent once ──
  const keyName = (form) => KEY + location.pathname + (form.id || form.getAttribute('name') || [...document.forms].indexOf(form));

  function prepareOnce(form) {
    const field = form.elements.namedItem('idempotency_key');
    if (!field) return;
    const before = store.get(keyName(form));
    if (before && cameBack) field.value = before;
    else store.drop(keyName(form));
    if (!field.value) field.value = fresh();
  }

  function release(form) {
    delete form.dataset.sending;
    form.querySelectorAll('[data-waiting]').forEach((button) => {
      button.disabled = false;
      button.innerHTML = button.dataset.waiting;
      button.removeAttribute('data-waiting');
    });
  }

  function sending(event) {
    const form = event.target;
    if (form.matches('[data-keep-clear]')) store.keys(KEEP).concat(store.keys(KEY)).forEach(store.drop);
    if (form.matches('[data-keep]')) remember(form, 'sent');
    if (!form.matches('[data-once]')) return;
    if (form.dataset.sending) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    form.dataset.sending = 'yes';
    const field = form.elements.namedItem('idempotency_key');
    if (field) store.set(keyName(form), field.value);
    // Later, so that the button's own name and value are still sent.
    setTimeout(() => {
      if (!form.dataset.sending) return;
      form.querySelectorAll('button:not([type="button"])').forEach((button) => {
        button.dataset.waiting = button.innerHTML;
        button.disabled = true;
        if (button === event.submitter || !event.submitter) button.textContent = '正在提交…';
      });
    });
  }

  // ── typed words ──
  const keepable = (field) => field.name && !['hidden', 'password', 'file', 'submit', 'button'].includes(field.type) && field.autocomplete !== 'one-time-code';
  const fieldsOf = (form) => [...form.elements].filter(keepable);

  function remember(form, state) {
    const values = fieldsOf(form).filter((field) => !['checkbox', 'radio'].includes(field.type) || field.checked)
      .map((field) => [field.name, field.type === 'select-multiple' ? [...field.selectedOptions].map((option) => option.value) : field.value]);
    store.set(KEEP + form.dataset.keep, { state, values });
  }

  function bringBack(form, values) {
    const byName = new Map();
    values.forEach(([name, value]) => byName.set(name, [...(byName.get(name) ?? []), ...[value].flat()]));
    for (const field of fieldsOf(form)) {
      const before = byName.get(field.name);
      if (['checkbox', 'radio'].includes(field.type)) field.checked = Boolean(before?.includes(field.value));
      else if (field.tagName === 'SELECT') [...field.options].forEach((option) => { option.selected = Boolean(before?.includes(option.value)); });
      else if (before) field.value = before[0];
    }
    form.dispatchEvent(new CustomEvent('keep:restored', { bubbles: true }));
  }

  function prepareKeep() {
    const names = new Map([...document.querySelectorAll('form[data-keep]')].map((form) => [KEEP + form.dataset.keep, form]));
    const passing = document.documentElement.hasAttribute('data-keep-page');
    for (const key of store.keys(KEEP)) {
      const before = store.get(key);
      const form = names.get(key);
      if (passing) { if (before?.state === 'sent') store.set(key, { ...before, state: 'bounced' }); continue; }
      if (before?.state === 'sent' && !(form && (cameBack || form.querySelector('[aria-invalid="true"], .sb-errors') || document.querySelector('.sb-errors')))) { store.drop(key); continue; }
      if (form && before) bringBack(form, before.values);
    }
    names.forEach((form) => form.addEventListener('input', () => remember(form, 'typing')));
  }

  document.addEventListener('submit', sending, true);
  document.addEventListener('DOMContentLoaded', () => {
    document.querySelectorAll('form[data-once]').forEach(prepareOnce);
    prepareKeep();
    document.body.addEventListener('htmx:load', (event) => event.target.querySelectorAll?.('form[data-once]').forEach(prepareOnce));
    document.body.addEventListener('htmx:afterRequest', (event) => {
      const form = event.detail.elt?.closest?.('form[data-once]');
      if (!form) return;
      release(form);
      if (!event.detail.successful) return;
      store.drop(keyName(form));
      const field = form.elements.namedItem('idempotency_key');
      if (field) field.value = fresh();
    });
  });
  // A page taken from the back-forward cache still shows the waiting button.
  addEventListener('pageshow', (event) => { if (event.persisted) document.querySelectorAll('form[data-once]').forEach(release); });
})();
