// Times of a day that are over cannot be chosen, also when the day was changed on the page.
//   #slot input + label [data-over]   the server marks what is over
const slots = document.getElementById('slot');
const settle = () => {
  for (const input of slots.querySelectorAll(':scope > input')) {
    input.disabled = Boolean(slots.querySelector(`label[for="${input.id}"] [data-over]`));
  }
  if (slots.querySelector('input:checked:disabled')) slots.querySelector('input[type=radio]:enabled').checked = true;
};
document.body.addEventListener('htmx:afterSettle', settle);
settle();
