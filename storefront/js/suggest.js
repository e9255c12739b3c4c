/* Suggestions under the search field while typing: a combobox. Down and Up choose, Enter opens, Escape closes. */
import { say } from "./dom.js";

const REST_MS = 180;
const SHORTEST = 2;

export class Suggestions {
  static selector = "[data-suggest]";

  constructor(form) {
    this.form = form;
    this.field = form.querySelector("[name=q]");
    this.box = document.createElement("div");
    this.box.id = `${this.field.id}-suggestions`;
    this.box.setAttribute("role", "listbox");
    this.box.setAttribute("aria-label", this.field.labels[0]?.textContent ?? "");
    this.box.hidden = true;
    form.append(this.box);
    for (const [name, value] of [
      ["role", "combobox"],
      ["aria-autocomplete", "list"],
      ["aria-expanded", "false"],
      ["aria-controls", this.box.id],
    ])
      this.field.setAttribute(name, value);
    this.timer = 0;
    this.asked = null;
    this.field.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), REST_MS);
    });
    this.field.addEventListener("keydown", (event) => this.walk(event));
    this.field.addEventListener("blur", () => this.close());
    // Pressing on a suggestion leaves the focus in the field, so that the list is still there for the click.
    this.box.addEventListener("mousedown", (event) => event.preventDefault());
  }

  get options() {
    return [...this.box.querySelectorAll("[role=option]")];
  }

  show(html) {
    this.box.innerHTML = html;
    this.options.forEach((option, number) => {
      option.id = `${this.box.id}-${number}`;
      option.tabIndex = -1;
      option.setAttribute("aria-selected", "false");
    });
    this.box.hidden = !this.options.length;
    this.field.setAttribute("aria-expanded", String(!this.box.hidden));
    this.field.removeAttribute("aria-activedescendant");
    // Announced by the live region, not inside the list of options.
    const found = this.box.querySelector("[data-found]");
    found?.remove();
    if (found) say(found.textContent);
  }

  close() {
    this.asked?.abort();
    clearTimeout(this.timer);
    this.show("");
  }

  async ask() {
    const text = this.field.value.trim();
    this.asked?.abort();
    if (text.length < SHORTEST) {
      this.close();
      return;
    }
    this.asked = new AbortController();
    try {
      const answer = await fetch(`${this.form.dataset.suggest}?q=${encodeURIComponent(text)}`, {
        signal: this.asked.signal,
      });
      const html = answer.ok ? await answer.text() : "";
      if (document.activeElement === this.field) this.show(html);
    } catch {
      /* a newer request, or no network: the field still works */
    }
  }

  walk(event) {
    if (event.key === "Escape" && !this.box.hidden) {
      event.preventDefault();
      this.close();
      return;
    }
    const { options } = this;
    const now = options.findIndex((option) => option.id === this.field.getAttribute("aria-activedescendant"));
    if (event.key === "Enter" && now >= 0) {
      event.preventDefault();
      options[now].click();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !options.length) return;
    event.preventDefault();
    // One position more than there are options: the field itself comes before the first and after the last.
    const next = ((now + 1 + step + options.length + 1) % (options.length + 1)) - 1;
    options.forEach((option, number) => option.setAttribute("aria-selected", String(number === next)));
    if (next < 0) {
      this.field.removeAttribute("aria-activedescendant");
      return;
    }
    this.field.setAttribute("aria-activedescendant", options[next].id);
    options[next].scrollIntoView({ block: "nearest" });
  }
}
