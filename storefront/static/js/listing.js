/* "Load more" in place, filters that apply at once. The links and the Apply button do the same without this. */
import { fetchPage, say } from "./dom.js";

const KEY = "listing";
let isGrown = false;
let asked = null;

const results = () => document.querySelector("[data-results]");

async function more(link) {
  link.classList.add("busy");
  const page = await fetchPage(link.href);
  const fresh = [...(page.querySelector("[data-list]")?.children ?? [])];
  document.querySelector("[data-list]").append(...fresh);
  const next = page.querySelector("[data-more]");
  if (next) document.querySelector("[data-more]").replaceWith(next);
  isGrown = true;
  fresh[0]?.querySelector("a")?.focus({ preventScroll: true });
  say(document.querySelector("[data-more] .num")?.textContent ?? "");
}

/* What is folded out, and the field in hand, are the same after the list was drawn anew. */
const keyOf = (details) => `${details.className} ${details.querySelector("input:not([type=hidden])")?.name}`;

function sameFields(old, fresh) {
  const open = new Map([...old.querySelectorAll("details")].map((details) => [keyOf(details), details.open]));
  fresh.querySelectorAll("details").forEach((details) => { details.open = open.get(keyOf(details)) ?? details.open; });
  const field = document.activeElement;
  if (!old.contains(field)) return null;
  const isChoice = field.type === "radio" || field.type === "checkbox";
  return [...fresh.querySelectorAll("input, select, button")].find((other) => other.type === field.type && other.name === field.name && (!isChoice || other.value === field.value));
}

/* Put the list of another address in the place of this one and say how long it is. */
async function show(url) {
  asked?.abort();
  asked = new AbortController();
  results().classList.add("busy");
  const fresh = (await fetchPage(url, asked.signal)).querySelector("[data-results]");
  if (!fresh) throw new Error(`no list at ${url}`);
  const field = sameFields(results(), fresh);
  results().replaceWith(fresh);
  field?.focus({ preventScroll: true });
  isGrown = false;
  say(fresh.querySelector("[role=status]")?.textContent ?? "");
}

function applyFilters(form) {
  const chosen = [...new FormData(form)].filter(([, value]) => value !== "");
  const url = new URL(form.action);
  url.search = new URLSearchParams(chosen);
  show(url).then(() => history.pushState(null, "", url)).catch((error) => { if (error.name !== "AbortError") location.href = url; });
}

/* Leaving a list that has grown: keep it and the place in it, so that Back finds both. */
function keep() {
  if (!results() || !isGrown) return;
  try { sessionStorage.setItem(KEY, JSON.stringify({ url: location.href, html: results().innerHTML, at: scrollY })); } catch { /* full or private */ }
}

function bringBack() {
  if (!results() || performance.getEntriesByType("navigation")[0]?.type !== "back_forward") return;
  let kept = null;
  try { kept = JSON.parse(sessionStorage.getItem(KEY) || "null"); } catch { /* nothing kept */ }
  if (kept?.url !== location.href || !kept.html) return;
  results().innerHTML = kept.html;
  isGrown = true;
  scrollTo({ top: kept.at, behavior: "instant" });
}

export function setUpListing() {
  bringBack();
  window.addEventListener("pagehide", keep);
  window.addEventListener("popstate", () => { if (document.querySelector("[data-filters]")) show(location.href).catch(() => location.reload()); });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-more] a");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || !document.querySelector("[data-list]")) return;
    event.preventDefault();
    more(link).catch(() => { location.href = link.href; });
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-filters]");
    if (form) form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-filters]") || !results()) return;
    event.preventDefault();
    applyFilters(event.target);
  });
}
