/* The product page: options, weight, pictures. Each also works without scripts. */
import { fetchPage, mount, say } from "./dom.js";
import { Hours } from "./hours.js";

/* The weight stepper shows the price of each step, as computed by the server. */
export class Weight {
  static selector = "form[data-add] [data-weight]";

  constructor(field) {
    const { form } = field;
    this.form = form;
    this.field = field;
    this.steps = JSON.parse(field.dataset.steps);
    this.show(this.position(field.value));
    field.addEventListener("change", () => this.show(this.position(field.value)));
    form
      .querySelectorAll("[data-weight-by]")
      .forEach((button) =>
        button.addEventListener("click", () => this.show(this.at + Number(button.dataset.weightBy))),
      );
    form
      .querySelectorAll("[data-preset]")
      .forEach((preset) => preset.addEventListener("change", () => this.show(this.position(preset.value))));
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
    this.form.querySelectorAll("[data-preset]").forEach((preset) => {
      preset.checked = preset.value === step.value;
    });
  }

  write(selector, text) {
    this.form.querySelectorAll(selector).forEach((node) => {
      node.textContent = text;
    });
  }
}

/* A thumbnail puts its picture in the large frame; without scripts it links to the picture. */
export class Thumbnail {
  static selector = "[data-gallery]";

  constructor(link) {
    link.addEventListener("click", (event) => this.show(link, event));
  }

  show(link, event) {
    const frame = link.closest(".gallery")?.querySelector(".gallery__main");
    const image = frame?.querySelector("img");
    if (!image || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    frame.querySelectorAll("source").forEach((source) => source.remove());
    image.src = link.href;
    image.alt = link.querySelector("img")?.alt ?? "";
    if (frame.href) frame.href = link.href;
    link
      .closest("ul")
      .querySelectorAll("[data-gallery]")
      .forEach((other) => other.removeAttribute("aria-current"));
    link.setAttribute("aria-current", "true");
  }
}

/* The chosen variant replaces this one; the focus stays on its option, so that the arrow keys carry on. */
export class Options {
  static selector = "[data-options]";

  constructor(form) {
    this.form = form;
    form.addEventListener("change", (event) => {
      if (event.target.matches("[data-option]")) this.choose();
    });
  }

  async choose() {
    const url = new URL(this.form.action);
    url.search = new URLSearchParams(new FormData(this.form));
    const position = [...document.querySelectorAll("[data-options]")].indexOf(this.form);
    try {
      const fresh = (await fetchPage(url)).querySelector(".buy");
      document.querySelector(".buy").replaceWith(fresh);
      history.replaceState(null, "", url);
      mount([Options, Weight, Hours], fresh);
      fresh.querySelectorAll("[data-options]")[position]?.querySelector(":checked")?.focus({ preventScroll: true });
      say(fresh.querySelector(".price")?.textContent ?? "");
    } catch {
      location.href = url;
    }
  }
}
