/* "Load more" in place, filters that apply at once. The links and the Apply button do the same without this. */
import { say } from "./dom.js";

const KEY = "listing";

async function more(link) {
  link.classList.add("busy");
  const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) { location.href = link.href; return; }
  append(await answer.text());
  try { sessionStorage.setItem(KEY, JSON.stringify({ url: location.href, html: document.querySelector("[data-listing]")?.innerHTML })); } catch { /* full or private */ }
}

function append(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const list = document.querySelector("[data-list]");
  const fresh = [...(page.querySelector("[data-list]")?.children ?? [])];
  list.append(...fresh);
  const foot = document.querySelector("[data-more]");
  const next = page.querySelector("[data-more]");
  if (next && foot) foot.replaceWith(next);
  fresh[0]?.querySelector("a")?.focus({ preventScroll: true });
  say(document.querySelector("[data-more] .num")?.textContent ?? "");
}

export function setUpListing() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-more] a");
    if (!link || event.metaKey || event.ctrlKey || !document.querySelector("[data-list]")) return;
    event.preventDefault();
    more(link).catch(() => { location.href = link.href; });
  });
  document.querySelectorAll("[data-filters]").forEach((form) => form.addEventListener("change", () => form.requestSubmit()));
  const listing = document.querySelector("[data-listing]");
  const arrived = performance.getEntriesByType("navigation")[0]?.type;
  if (!listing || arrived !== "back_forward") return;
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) || "null");
    if (kept && kept.url === location.href && kept.html) listing.innerHTML = kept.html;
  } catch { /* nothing kept */ }
}
