// The provider's order list: the selected row is marked, and the focus follows into its panel.
const panel = document.getElementById('order');

document.body.addEventListener('htmx:afterSwap', ({ detail }) => {
  if (detail.target !== panel) return;
  const open = panel.querySelector('[data-order-open]')?.dataset.orderOpen;
  document.querySelectorAll('[data-row]').forEach((row) => {
    if (row.dataset.row === open) row.setAttribute('aria-selected', 'true');
    else row.removeAttribute('aria-selected');
  });
  panel.querySelector('[data-focus]')?.focus();
});
