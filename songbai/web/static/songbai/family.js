// Family pages: the cry for help, and printing.
//   <main data-sos="5" data-sos-number="12349">   counts down, then opens the telephone. Nothing here
//     needs the network once the page is open. data-sos-waiting is shown while it counts,
//     data-sos-after otherwise; data-sos-cancel stops.
//   <a data-sos-link href="…">                    without a network it dials at once
//   <button data-print hidden>                    shown where the browser can print
//   <input id="date">                             its price is asked for again after keep:restored
(() => {
  const dial = (number) => { location.href = `tel:${number}`; };

  function countDown(page) {
    const part = (name) => page.querySelector(`[data-sos-${name}]`);
    const [waiting, after, count, words] = ['waiting', 'after', 'count', 'words'].map(part);
    let left = Number(page.dataset.sos);
    const show = (counting) => { waiting.hidden = !counting; after.hidden = counting; };
    const stop = (said) => { clearInterval(timer); show(false); words.textContent = said; page.querySelector('h1').textContent = said.slice(0, 4); };
    const timer = setInterval(() => {
      left -= 1;
      count.textContent = String(left);
      if (left > 0) return;
      stop('正在拨打 12349。没有拨出去，就按下面的按钮。');
      dial(page.dataset.sosNumber);
    }, 1000);
    show(true);
    part('cancel').addEventListener('click', () => stop('已经取消，没有打出去。要打就按下面的按钮。'));
    part('cancel').focus();
    addEventListener('pagehide', () => clearInterval(timer));
  }

  document.addEventListener('click', (event) => {
    if (event.target.closest?.('[data-sos-link]') && !navigator.onLine) { event.preventDefault(); dial('12349'); }
    if (event.target.closest?.('[data-print]')) print();
  });
  // A day that was typed before comes back: its price is asked for, once htmx listens.
  document.addEventListener('keep:restored', (event) => {
    setTimeout(() => event.target.querySelector('#date')?.dispatchEvent(new Event('change', { bubbles: true })));
  });
  document.addEventListener('DOMContentLoaded', () => {
    document.querySelectorAll('[data-sos]').forEach(countDown);
    document.querySelectorAll('[data-print]').forEach((button) => { button.hidden = false; });
  });
})();
