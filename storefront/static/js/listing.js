/* "Load more" in place, filters that apply at once. The links and the Apply button do the same without this. */
import { say } from "./dom.js";

const KEY = "listing";
let isGrown = false;

async function more(link) {
  link.classList.add("busy");
  const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(`${answer.status} from ${link.href}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = [...(page.querySelector("[data-list]")?.children ?? [])];
  document.querySelector("[data-list]").append(...fresh);
  const next = page.querySelector("[data-more]");
  if (next) document.querySelector("[data-more]").replaceWith(next);
  isGrown = true;
  fresh[0]?.querySelector("a")?.focus({ preventScroll: true });
  say(document.querySelector("[data-more] .num")?.textContent ?? "");
}

/* Leaving a list that has grown: keep it and the place in it, so that Back finds both. */
function keep() {
  const listing = document.querySelector("[data-listing]");
  if (!listing || !isGrown) return;
  try { sessionStorage.setItem(KEY, JSON.stringify({ url: location.href, html: listing.innerHTML, at: scrollY })); } catch { /* full or private */ }
}

function bringBack() {
  const listing = document.querySelector("[data-listing]");
  if (!listing || performance.getEntriesByType("navigation")[0]?.type !== "back_forward") return;
  let kept = null;
  try { kept = JSON.parse(sessionStorage.getItem(KEY) || "null"); } catch { /* nothing kept */ }
  if (kept?.url !== location.href || !kept.html) return;
  listing.innerHTML = kept.html;
  isGrown = true;
  scrollTo({ top: kept.at, behavior: "instant" });
}

export function setUpListing() {
  bringBack();
  window.addEventListener("pagehide", keep);
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
}
