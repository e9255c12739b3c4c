/* Suggestions under the search field while typing. Plain links: Down and Up walk through them, Escape closes. */
import { say } from "./dom.js";

const REST_MS = 180;
const SHORTEST = 2;

class Suggestions {
  constructor(form) {
    this.form = form;
    this.field = form.querySelector("[name=q]");
    this.box = document.createElement("div");
    this.box.className = "suggest-box";
    form.append(this.box);
    this.timer = 0;
    this.asked = null;
    this.field.addEventListener("input", () => { clearTimeout(this.timer); this.timer = setTimeout(() => this.ask(), REST_MS); });
    form.addEventListener("keydown", (event) => this.walk(event));
    form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) this.close(); });
  }

  close() {
    this.asked?.abort();
    this.box.replaceChildren();
  }

  async ask() {
    const text = this.field.value.trim();
    this.asked?.abort();
    if (text.length < SHORTEST) { this.close(); return; }
    this.asked = new AbortController();
    try {
      const answer = await fetch(`${this.form.dataset.suggest}?q=${encodeURIComponent(text)}`, { signal: this.asked.signal });
      const html = answer.ok ? await answer.text() : "";
      if (!this.form.contains(document.activeElement)) return;
      this.box.innerHTML = html;
      say(this.box.querySelector("[data-found]")?.textContent ?? "");
    } catch { /* a newer question, or no network: the field still works */ }
  }

  walk(event) {
    if (event.key === "Escape") { this.close(); this.field.focus(); return; }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const stops = [this.field, ...this.box.querySelectorAll("a")];
    if (!step || stops.length < 2) return;
    event.preventDefault();
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
  }
}

export function setUpSuggestions() {
  document.querySelectorAll("[data-suggest]").forEach((form) => new Suggestions(form));
}
