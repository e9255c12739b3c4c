/* Options lead to their variant's page; the weight stepper shows the price of each step, worked out by the server. */
function weigh(form) {
  const field = form.querySelector("[data-weight]");
  if (!field) return;
  const steps = JSON.parse(field.dataset.steps);
  const out = form.querySelectorAll("[data-weight-text]");
  const sums = form.querySelectorAll("[data-weight-sum]");
  let at = Math.max(0, steps.findIndex((step) => step.value === field.value));
  const show = () => {
    field.value = steps[at].value;
    out.forEach((node) => { node.textContent = steps[at].text; });
    sums.forEach((node) => { node.textContent = steps[at].sum; });
    form.querySelectorAll("[data-preset]").forEach((preset) => { preset.checked = preset.value === steps[at].value; });
  };
  form.querySelectorAll("[data-weight-by]").forEach((button) => button.addEventListener("click", (event) => {
    event.preventDefault();
    at = Math.min(steps.length - 1, Math.max(0, at + Number(button.dataset.weightBy)));
    show();
  }));
  form.querySelectorAll("[data-preset]").forEach((preset) => preset.addEventListener("change", () => {
    at = Math.max(0, steps.findIndex((step) => step.value === preset.value));
    show();
  }));
  field.addEventListener("change", () => {
    const found = steps.findIndex((step) => step.value === field.value);
    if (found >= 0) at = found;
    show();
  });
  show();
}

export function setUpProduct() {
  document.querySelectorAll("[data-options]").forEach((form) => form.addEventListener("change", (event) => {
    if (event.target.matches("[data-option]")) form.requestSubmit();
  }));
  document.querySelectorAll("form[data-add]").forEach(weigh);
}
