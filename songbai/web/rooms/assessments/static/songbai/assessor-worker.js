// Pages of the assessor's door without signal: the list of visits, the forms, and what they load.
// The network comes first; what was kept answers when it does not. Answers to questions of the form
// never pass through here: they wait in IndexedDB (assessor-queue.mjs).
const CACHE = 'songbai-assessor-1';
const DOOR = new URL('./', self.location).pathname;
const PATIENCE = 4000; // ms for the network, where a kept copy is there
const DAYS = 3;

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil((async () => {
  await Promise.all((await caches.keys()).filter((name) => name.startsWith('songbai-assessor') && name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
})()));

const isStatic = (url) => url.pathname.startsWith('/static/');
const isPage = (url) => url.pathname.startsWith(DOOR) && !/\/(taps|finish)\/$|worker\.js$/.test(url.pathname);
const isOld = (reply) => Date.now() - Date.parse(reply.headers.get('Date') ?? '') > DAYS * 86400000;

async function kept(request) {
  const found = await (await caches.open(CACHE)).match(request, { ignoreVary: true });
  return found && (isStatic(new URL(request.url)) || !isOld(found)) ? found : undefined;
}

const absent = () => new Response('<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>没有信号</title><main><h1>没有信号</h1><p>这一页没有存在设备里。存过的清单和表可以打开。</p><p><a href="' + DOOR + '">看今天的评估</a></p></main></html>', { status: 503, headers: { 'Content-Type': 'text/html; charset=utf-8' } });

async function fromNetwork(request) {
  const reply = await fetch(request);
  if (reply.ok && reply.type === 'basic' && !reply.redirected) await (await caches.open(CACHE)).put(request, reply.clone());
  return reply;
}

async function answer(request) {
  const before = await kept(request);
  const network = fromNetwork(request).catch(() => null);
  const late = before && new Promise((done) => { setTimeout(done, PATIENCE, null); });
  const reply = await (late ? Promise.race([network, late]) : network);
  if (reply && reply.status < 500) return reply;
  return before ?? reply ?? (isStatic(new URL(request.url)) ? Response.error() : absent());
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (isStatic(url) || (request.mode === 'navigate' && isPage(url))) event.respondWith(answer(request));
});

// {keep: [addresses]}: fetched now and kept with what they load; the answer says how many are kept.
self.addEventListener('message', (event) => {
  if (!Array.isArray(event.data?.keep)) return;
  event.waitUntil((async () => {
    let count = 0;
    for (const address of event.data.keep) {
      const url = new URL(address, self.location);
      if (url.origin !== self.location.origin || !(isStatic(url) || isPage(url))) continue;
      const reply = await fromNetwork(new Request(url.pathname, { credentials: 'same-origin' })).catch(() => null);
      if (!reply?.ok || reply.redirected) continue;
      if (isPage(url)) {
        count += 1;
        const found = [...(await reply.text()).matchAll(/(?:src|href)="(\/static\/[^"]+)"/g)].map((match) => match[1]);
        await Promise.all(found.map(async (one) => { const asked = new Request(one); if (!(await kept(asked))) await fromNetwork(asked).catch(() => null); }));
      }
    }
    event.ports[0]?.postMessage(count);
  })());
});
