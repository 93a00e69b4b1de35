// Server-sent events for a page that must stay true.
//   <div data-live="/live/?topic=orders:42" data-live-refresh="#list, #counts"></div>
// The server sends messages whose data is JSON {"kind": "order_assigned", …}. Every target then gets
// the events live:<kind> and live:any, with the message as detail, and refreshes itself with
//   hx-get="…" hx-trigger="live:any"
// The first message of a burst is told at once, the rest as one event of each kind. After a lost connection live:any is sent once,
// because messages may have been missed.
const CALM = 400; // ms in which messages after the first are gathered
const PATIENCE = 3000; // ms without a connection before the page says so
const PAUSES = [1000, 2000, 5000, 10000, 30000];

function connect(el) {
  let source;
  let tries = 0;
  let lost = false;
  let sayLater;
  let retryLater;
  let gathered = new Map();
  let flushLater;
  let flushed = -Infinity;

  const line = document.createElement('p');
  line.className = 'sb-live-lost';
  line.setAttribute('role', 'status');
  line.hidden = true;
  el.append(line);

  const targets = () => (el.dataset.liveRefresh ? document.querySelectorAll(el.dataset.liveRefresh) : [el]);
  const send = (name, detail) => targets().forEach((target) => target.dispatchEvent(new CustomEvent(name, { detail, bubbles: false })));
  const flush = () => {
    flushLater = undefined;
    flushed = performance.now();
    const messages = gathered;
    gathered = new Map();
    messages.forEach((detail, kind) => send(`live:${kind}`, detail));
    send('live:any', { kinds: [...messages.keys()] });
  };
  const gather = (kind, detail) => {
    gathered.set(kind, detail);
    // The first message is told at once; what follows closely is told together.
    flushLater ??= setTimeout(flush, Math.max(0, flushed + CALM - performance.now()));
  };

  const opened = () => {
    tries = 0;
    clearTimeout(sayLater);
    sayLater = undefined;
    line.hidden = true;
    line.textContent = '';
    if (lost) { lost = false; gather('reconnected', {}); }
  };
  const failed = () => {
    lost = true;
    sayLater ??= setTimeout(() => { line.textContent = '连接断了，正在重连'; line.hidden = false; }, PATIENCE);
    // A browser retries a broken connection itself, but gives up after an HTTP error.
    if (source.readyState === EventSource.CLOSED) {
      clearTimeout(retryLater);
      retryLater = setTimeout(open, PAUSES[Math.min(tries, PAUSES.length - 1)]);
      tries += 1;
    }
  };
  function open() {
    source?.close();
    if (!el.isConnected) return;
    source = new EventSource(el.dataset.live);
    source.addEventListener('open', opened);
    source.addEventListener('error', failed);
    source.addEventListener('message', (message) => {
      let detail;
      try { detail = JSON.parse(message.data); } catch { return; }
      gather(detail.kind ?? 'message', detail);
    });
  }

  open();
  addEventListener('pagehide', () => source.close());
  addEventListener('pageshow', (event) => { if (event.persisted) { lost = true; open(); } });
  addEventListener('online', () => { if (source.readyState !== EventSource.OPEN) open(); });
}

function find(root) {
  const found = root.matches?.('[data-live]') ? [root] : [];
  for (const el of [...found, ...root.querySelectorAll('[data-live]')]) {
    if (!el.hasAttribute('data-live-on')) { el.setAttribute('data-live-on', ''); connect(el); }
  }
}

find(document);
document.body.addEventListener('htmx:load', (event) => find(event.target));
