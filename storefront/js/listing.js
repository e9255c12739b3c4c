/* "Load more" in place, filters that apply at once. The links and the Apply button do the same without this. */
import { drawAmounts } from "./amounts.js";
import { fetchPage, say } from "./dom.js";

const KEY = "listing";

/* Keep open details and the focused field when the list is redrawn. */
const keyOf = (details) => `${details.className} ${details.querySelector("input:not([type=hidden])")?.name}`;

function sameFields(old, fresh) {
  const open = new Map([...old.querySelectorAll("details")].map((details) => [keyOf(details), details.open]));
  fresh.querySelectorAll("details").forEach((details) => {
    details.open = open.get(keyOf(details)) ?? details.open;
  });
  const field = document.activeElement;
  if (!old.contains(field)) return null;
  const isChoice = field.type === "radio" || field.type === "checkbox";
  return [...fresh.querySelectorAll("input, select, button")].find(
    (other) => other.type === field.type && other.name === field.name && (!isChoice || other.value === field.value),
  );
}

export class Listing {
  static selector = "[data-results]";

  constructor(results) {
    this.results = results;
    this.isGrown = false;
    this.asked = null;
    this.bringBack();
    window.addEventListener("pagehide", () => this.keep());
    window.addEventListener("popstate", () => {
      if (this.results.querySelector("[data-filters]")) this.show(location.href).catch(() => location.reload());
    });
    document.addEventListener("click", (event) => this.click(event));
    document.addEventListener("change", (event) => event.target.closest("[data-filters]")?.requestSubmit());
    document.addEventListener("submit", (event) => {
      if (!event.target.matches("[data-filters]")) return;
      event.preventDefault();
      this.filter(event.target);
    });
  }

  click(event) {
    const link = event.target.closest("[data-more] a");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || !this.results.querySelector("[data-list]")) return;
    event.preventDefault();
    // A second press on a slow link does nothing.
    if (link.classList.contains("busy")) return;
    link.classList.add("busy");
    this.more(link).catch(() => {
      location.href = link.href;
    });
  }

  async more(link) {
    const page = await fetchPage(link.href);
    if (!link.isConnected) return;
    const fresh = [...(page.querySelector("[data-list]")?.children ?? [])];
    this.results.querySelector("[data-list]").append(...fresh);
    const next = page.querySelector("[data-more]");
    if (next) link.closest("[data-more]").replaceWith(next);
    this.isGrown = true;
    drawAmounts();
    fresh[0]?.querySelector("a")?.focus({ preventScroll: true });
    say(document.querySelector("[data-more] .num")?.textContent ?? "");
  }

  filter(form) {
    const chosen = [...new FormData(form)].filter(([, value]) => value !== "");
    const url = new URL(form.action);
    url.search = new URLSearchParams(chosen);
    this.show(url)
      .then(() => history.pushState(null, "", url))
      .catch((error) => {
        if (error.name !== "AbortError") location.href = url;
      });
  }

  /* Replace this list with that of another address and announce its length. */
  async show(url) {
    this.asked?.abort();
    this.asked = new AbortController();
    this.results.classList.add("busy");
    const fresh = (await fetchPage(url, this.asked.signal)).querySelector("[data-results]");
    if (!fresh) throw new Error(`no list at ${url}`);
    const field = sameFields(this.results, fresh);
    this.results.replaceWith(fresh);
    this.results = fresh;
    this.isGrown = false;
    drawAmounts();
    field?.focus({ preventScroll: true });
    say(fresh.querySelector("[role=status]")?.textContent ?? "");
  }

  /* Leaving a list that has grown: store it and the scroll position, so that Back restores both. */
  keep() {
    if (!this.isGrown) return;
    const kept = { url: location.href, html: this.results.innerHTML, at: scrollY };
    try {
      sessionStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      /* storage is full, or private mode */
    }
  }

  bringBack() {
    if (performance.getEntriesByType("navigation")[0]?.type !== "back_forward") return;
    let kept = null;
    try {
      kept = JSON.parse(sessionStorage.getItem(KEY) || "null");
    } catch {
      /* nothing kept */
    }
    if (kept?.url !== location.href || !kept.html) return;
    this.results.innerHTML = kept.html;
    this.isGrown = true;
    scrollTo({ top: kept.at, behavior: "instant" });
  }
}
