// The print button of the packing slip.

const button = document.querySelector("[data-print]");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
if (document.body.hasAttribute("data-print-now")) addEventListener("load", () => print());
