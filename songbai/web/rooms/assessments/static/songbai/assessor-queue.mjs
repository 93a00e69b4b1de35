// What this device has and the platform does not have yet, in IndexedDB: every answer with its own
// id, time and device, in the order it was given. Sending twice does no harm: the id is the same.
//   taps    by seq      {kind: 'tap'|'finish', account, sheet, to, done, record, item, value, device, at, replaces, refused?}
//   sheets  by account:sheet   a sheet as the platform last told it
//   about   device, account
const NAME = 'songbai-assessor';
const PORTION = 100;
const PATIENCE = 20000; // ms for one request

let opening = null;
const open = () => {
  opening ??= new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore('taps', { keyPath: 'seq', autoIncrement: true });
      asked.result.createObjectStore('sheets');
      asked.result.createObjectStore('about');
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  return opening;
};

// Runs `work` with the stores and resolves with its request's result once it is on the disk.
async function within(stores, mode, work) {
  const db = await open();
  return new Promise((done, failed) => {
    const transaction = db.transaction(stores, mode, { durability: 'strict' });
    const request = work(...stores.map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => done(request?.result);
    transaction.onabort = () => failed(transaction.error);
  });
}

const about = (name) => within(['about'], 'readonly', (store) => store.get(name));
const setAbout = (name, value) => within(['about'], 'readwrite', (store) => store.put(value, name));

// randomUUID exists only on https and localhost.
export const fresh = () => crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5');

export async function device() {
  const before = await about('device');
  if (before) return before;
  const made = `d-${fresh().slice(0, 13)}`;
  await setAbout('device', made);
  return made;
}

export const keep = (one) => within(['taps'], 'readwrite', (taps) => taps.add(one));

// In the order they were given.
export async function waiting(account, sheet) {
  const all = (await within(['taps'], 'readonly', (taps) => taps.getAll())) ?? [];
  return all.filter((one) => one.account === account && (sheet === undefined || one.sheet === sheet));
}

// What the platform told last and what waits, as they are at one moment.
export async function both(account, sheet) {
  let waits;
  const told = await within(['sheets', 'taps'], 'readonly', (sheets, taps) => { waits = taps.getAll(); return sheets.get(`${account}:${sheet}`); });
  return { told, mine: waits.result.filter((one) => one.account === account && one.sheet === sheet) };
}

// The platform's word and what it has now leave and enter in one step, so that no answer is ever in neither.
const settle = (account, sheet, told, gone, refused = []) => within(['taps', 'sheets'], 'readwrite', (taps, sheets) => {
  gone.forEach((one) => taps.delete(one.seq));
  refused.forEach((one) => taps.put(one));
  const before = sheets.get(`${account}:${sheet}`);
  before.onsuccess = () => { if (!before.result || told.at >= before.result.at) sheets.put(told, `${account}:${sheet}`); };
  return before;
});

export const dismiss = (one) => within(['taps'], 'readwrite', (taps) => taps.delete(one.seq));

// Somebody else takes the device: pages and known answers go, what was not sent stays for its owner.
export async function handOver(account) {
  if ((await about('account')) === account) return;
  await forget();
  await setAbout('account', account);
}
export async function forget() {
  await within(['sheets', 'about'], 'readwrite', (sheets, kept) => { sheets.clear(); return kept.delete('account'); });
  if (self.caches) await Promise.all((await caches.keys()).filter((name) => name.startsWith(NAME)).map((name) => caches.delete(name)));
}

// ── sending ──
class Stop extends Error {}

async function ask(url, body, token) {
  const headers = { 'HX-Request': 'true' };
  if (body) Object.assign(headers, { 'Content-Type': 'application/json', 'X-CSRFToken': token });
  const reply = await fetch(url, { method: body ? 'POST' : 'GET', body: body && JSON.stringify(body), headers, cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) });
  if ([401, 403].includes(reply.status)) throw new Stop('登录过期了。填的都在这台设备里，请重新登录，登录后自动上传。');
  if (reply.status === 404) throw new Stop('这次评估不在您名下了，填的还在这台设备里。请打 12349。');
  if (reply.status >= 500) throw new Stop('平台正忙，填的都在这台设备里，过一会儿自动再传。');
  const told = await reply.json();
  return { ok: reply.ok, told };
}

async function sendSheet(account, sheet, all) {
  let left = all.filter((one) => !one.refused);
  const { told: first } = await ask(left[0].to);
  let { token } = first;
  const problems = [];
  while (left.length) {
    const [head] = left;
    if (head.kind === 'finish') {
      const { ok, told } = await ask(head.done, { at: head.at }, token);
      if (ok) { token = told.token; await settle(account, sheet, told, [head]); } else if (told.problems?.length) { await dismiss(head); problems.push(...told.problems); } else throw new Stop(told.message);
      left = left.slice(1);
      continue;
    }
    const end = left.findIndex((one) => one.kind === 'finish');
    const portion = left.slice(0, Math.min(PORTION, end < 0 ? left.length : end));
    const taps = portion.map(({ record, item, value, device: from, at, replaces }) => ({ record, item, value, device: from, at, replaces }));
    const { ok, told } = await ask(head.to, { taps }, token);
    if (!ok) throw new Stop(told.message);
    const why = new Map(told.refused.map((one) => [one.record, one.why]));
    const kept = new Set(told.kept);
    const { kept: _, refused: __, ...state } = told;
    await settle(account, sheet, state, portion.filter((one) => kept.has(one.record)), portion.filter((one) => why.has(one.record)).map((one) => ({ ...one, refused: why.get(one.record) })));
    token = told.token;
    left = left.slice(portion.length);
  }
  return problems;
}

// Sends everything of this account, one window at a time. Resolves with {offline, said, problems}.
export async function send(account) {
  const work = async () => {
    const result = { offline: false, said: [], problems: [] };
    const bySheet = new Map();
    (await waiting(account)).filter((one) => !one.refused).forEach((one) => bySheet.set(one.sheet, [...(bySheet.get(one.sheet) ?? []), one]));
    for (const [sheet, all] of bySheet) {
      try { result.problems.push(...(await sendSheet(account, sheet, all)).map((one) => ({ ...one, sheet }))); } catch (error) {
        if (error instanceof Stop) { result.said.push(error.message); continue; }
        result.offline = true; // no signal, or it broke off: everything unanswered stays
        break;
      }
    }
    return result;
  };
  return navigator.locks ? navigator.locks.request(`${NAME}-send`, work) : work();
}

// What the platform knows of a sheet now; null without signal.
export async function look(account, sheet, url) {
  try {
    const { ok, told } = await ask(url);
    if (!ok) return null;
    await settle(account, sheet, told, []);
    return told;
  } catch { return null; }
}

// A sheet as this device sees it: the platform's word, then what was answered here since.
export function overlay(known, taps) {
  const answers = { ...known.answers };
  const heads = { ...known.heads };
  const questions = { ...known.questions };
  let { finished } = known;
  for (const tap of taps) {
    if (tap.refused) continue;
    if (tap.kind === 'finish') { finished = tap.at; continue; }
    const left = (heads[tap.item] ?? []).filter((head) => head !== tap.record && !tap.replaces.includes(head));
    heads[tap.item] = [...left, tap.record];
    if (tap.value === null) delete answers[tap.item]; else answers[tap.item] = tap.value;
    if (!left.length) delete questions[tap.item];
    finished = null;
  }
  return { ...known, answers, heads, questions, finished };
}
