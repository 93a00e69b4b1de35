// A window that suits us, put into the form at one tap.
//   #slots [data-begin][data-end]   buttons loaded after a service is chosen
document.getElementById('slots')?.addEventListener('click', (event) => {
  const slot = event.target.closest('[data-begin]');
  if (!slot) return;
  document.getElementById('f-begin').value = slot.dataset.begin;
  document.getElementById('f-end').value = slot.dataset.end;
  document.querySelectorAll('#slots [data-begin]').forEach((one) => one.setAttribute('aria-pressed', String(one === slot)));
});
