/* Shows in every form that adds an article how much of it is in the cart: "Add" turns into the stepper in the same
   place, and back. */
let amounts = {};

export function setAmounts(all) {
  amounts = all;
  drawAmounts();
}

export function setAmount(code, text) {
  amounts = { ...amounts, [code]: text };
  drawAmounts();
}

/* Called again for cards that are drawn later. */
export function drawAmounts() {
  document.querySelectorAll("[data-add]").forEach((form) => draw(form, amounts[form.dataset.code] ?? ""));
}

function draw(form, text) {
  const zero = form.querySelector("[data-when=zero]");
  const some = form.querySelector("[data-when=some]");
  if (!zero || !some) return;
  const isFocused = form.contains(document.activeElement);
  zero.hidden = Boolean(text);
  some.hidden = !text;
  form.querySelector("[data-n]").textContent = text;
  if (isFocused && !form.contains(document.activeElement))
    (text ? form.querySelector("[data-more-one]") : zero).focus();
}
