/* Small things the other modules share. */
export const cookie = (name) =>
  document.cookie
    .split("; ")
    .find((part) => part.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? "";

/* One class a behaviour, one loop: each class names its elements. Called again for elements drawn later. */
const mounted = new WeakMap();
export function mount(behaviours, root = document) {
  for (const Behaviour of behaviours) {
    for (const node of root.querySelectorAll(Behaviour.selector)) {
      const here = mounted.get(node) ?? new Set();
      if (!here.has(Behaviour)) {
        mounted.set(node, here.add(Behaviour));
        new Behaviour(node);
      }
    }
  }
}

/* Announce something to screen readers; with `shown` also on screen, for a while. */
let sayTimer = 0;
export function say(text, { shown = false } = {}) {
  // Screen readers do not announce anything behind an open dialog.
  const live = document.querySelector("dialog[open] [data-live]") ?? document.querySelector("[data-live]");
  if (!live) return;
  live.textContent = "";
  requestAnimationFrame(() => {
    live.textContent = text.replace(/\s+/g, " ").trim();
  });
  live.className = shown ? "said" : "vh";
  clearTimeout(sayTimer);
  if (shown)
    sayTimer = setTimeout(() => {
      live.className = "vh";
    }, 6000);
}

/* The text of another page or part of this site. Throws if there is none. */
export async function fetchText(url, options = {}) {
  const answer = await fetch(url, { headers: { Accept: "text/html" }, ...options });
  if (!answer.ok) throw new Error(`${answer.status} from ${url}`);
  return answer.text();
}

/* Another page of this site, parsed. Throws if there is none. */
export async function fetchPage(url, signal) {
  return new DOMParser().parseFromString(await fetchText(url, { signal }), "text/html");
}

/* A selector that finds a control again after the part around it has been redrawn. */
const keyOf = (node) =>
  [
    node.tagName,
    node.id,
    node.getAttribute("name"),
    node.type === "hidden" ? "" : node.getAttribute("value"),
    node.getAttribute("href"),
    node.id || node.matches("input, select, textarea") ? "" : node.textContent.trim(),
  ].join("|");

const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";

/* Redraw a part, keeping typed values, open details and the focus. */
export function redraw(node, html) {
  const focused = node.contains(document.activeElement) ? document.activeElement : null;
  const focusedKey = focused && keyOf(focused);
  const typed = new Map(
    [...node.querySelectorAll("input:not([type=hidden]), textarea")]
      .filter((field) => field.value !== field.defaultValue)
      .map((field) => [keyOf(field), field.value]),
  );
  const open = new Set([...node.querySelectorAll("details[open] > summary")].map(keyOf));
  node.innerHTML = html;
  node.querySelectorAll("input:not([type=hidden]), textarea").forEach((field) => {
    field.value = typed.get(keyOf(field)) ?? field.value;
  });
  node.querySelectorAll("details > summary").forEach((summary) => {
    if (open.has(keyOf(summary))) summary.parentElement.open = true;
  });
  if (!focused) return;
  const same = [...node.querySelectorAll(FOCUSABLE)].find((other) => keyOf(other) === focusedKey);
  const place = same ?? node.querySelector("h1, h2") ?? node;
  if (!same) place.tabIndex = -1;
  place.focus({ preventScroll: true });
}
