import { fetchPage, say } from "./dom.js";
import { setUpHours } from "./hours.js";

/* Options lead to their variant's page; the weight stepper shows the price of each step, worked out by the server. */
class Weight {
  constructor(form, field) {
    this.form = form;
    this.field = field;
    this.steps = JSON.parse(field.dataset.steps);
    this.show(this.position(field.value));
    field.addEventListener("change", () => this.show(this.position(field.value)));
    form.querySelectorAll("[data-weight-by]").forEach((button) => button.addEventListener("click", () => this.show(this.at + Number(button.dataset.weightBy))));
    form.querySelectorAll("[data-preset]").forEach((preset) => preset.addEventListener("change", () => this.show(this.position(preset.value))));
  }

  position(value) {
    return this.steps.findIndex((step) => step.value === value);
  }

  show(position) {
    this.at = Math.min(this.steps.length - 1, Math.max(0, position));
    const step = this.steps[this.at];
    this.field.value = step.value;
    this.write("[data-weight-text]", step.text);
    this.write("[data-weight-sum]", step.sum);
    this.form.querySelectorAll("[data-preset]").forEach((preset) => { preset.checked = preset.value === step.value; });
  }

  write(selector, text) {
    this.form.querySelectorAll(selector).forEach((node) => { node.textContent = text; });
  }
}

/* A thumbnail puts its picture in the large frame; without scripts it leads to the picture. */
function showPicture(event) {
  const thumb = event.currentTarget;
  const frame = thumb.closest(".gallery")?.querySelector(".gallery__main");
  const image = frame?.querySelector("img");
  if (!image || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  frame.querySelectorAll("source").forEach((source) => source.remove());
  image.src = thumb.href;
  image.alt = thumb.querySelector("img")?.alt ?? "";
  if (frame.href) frame.href = thumb.href;
  thumb.closest("ul").querySelectorAll("[data-gallery]").forEach((other) => other.removeAttribute("aria-current"));
  thumb.setAttribute("aria-current", "true");
}

/* The chosen variant comes in the place of this one; the focus stays on its option, so that arrows walk on. */
async function choose(form) {
  const url = new URL(form.action);
  url.search = new URLSearchParams(new FormData(form));
  const position = [...document.querySelectorAll("[data-options]")].indexOf(form);
  try {
    const fresh = (await fetchPage(url)).querySelector(".buy");
    document.querySelector(".buy").replaceWith(fresh);
    history.replaceState(null, "", url);
    setUpHours();
    setUpBuying();
    fresh.querySelectorAll("[data-options]")[position]?.querySelector(":checked")?.focus({ preventScroll: true });
    say(fresh.querySelector(".price")?.textContent ?? "");
  } catch { location.href = url; }
}

function setUpBuying() {
  document.querySelectorAll("[data-options]").forEach((form) => form.addEventListener("change", (event) => {
    if (event.target.matches("[data-option]")) choose(form);
  }));
  document.querySelectorAll("form[data-add]").forEach((form) => {
    const field = form.querySelector("[data-weight]");
    if (field) new Weight(form, field);
  });
}

export function setUpProduct() {
  setUpBuying();
  document.querySelectorAll("[data-gallery]").forEach((thumb) => thumb.addEventListener("click", showPicture));
}
