/* Add, step, remove with undo, and the drawer. Each is a form that works by itself. */
import { Refusal, say, send, sendPlainly } from "./dom.js";
import { isWaiting, setUpSteppers } from "./stepper.js";
import { showCart } from "./shell.js";

const UNDO_MS = 10_000;
let queue = Promise.resolve();
let undoTimer = 0;

/* One after the other: the cart is as the last answer says. */
const inTurn = (job) => { queue = queue.then(job); };

function refuse(form, submitter, error) {
  if (!(error instanceof Refusal)) { sendPlainly(form, submitter); return; }
  const box = form.querySelector("[data-refusal]") ?? form.closest("[data-line]")?.querySelector("[data-refusal]");
  if (box) { box.textContent = error.message; box.hidden = false; }
  say(error.message, { shown: !box || box.classList.contains("vh") });
}

function settle(data) {
  showCart(data.count, data.sum);
  document.querySelectorAll(`[data-add][data-code="${CSS.escape(data.code)}"]`).forEach((form) => swap(form, data));
  say(data.message, { shown: data.clipped });
}

/* "Add" becomes the stepper in the same place, and back. */
function swap(form, { quantity, quantity_text: text }) {
  const zero = form.querySelector("[data-when=zero]");
  const some = form.querySelector("[data-when=some]");
  if (!zero || !some) return;
  const focused = form.contains(document.activeElement);
  const has = quantity !== "0";
  zero.hidden = has;
  some.hidden = !has;
  const shown = form.querySelector("[data-n]");
  if (shown) shown.textContent = text;
  if (focused && !form.contains(document.activeElement)) (has ? form.querySelector("[data-more-one]") : zero)?.focus();
}

async function add(form, submitter) {
  form.classList.add("busy");
  try {
    const data = await send(form, submitter);
    settle(data);
    const box = form.querySelector("[data-refusal]");
    if (box) box.hidden = true;
    if (form.hasAttribute("data-opens-drawer")) await openDrawer(`?${data.clipped ? "clipped" : "added"}=${encodeURIComponent(data.code)}`);
  } catch (error) { refuse(form, submitter, error); } finally { form.classList.remove("busy"); }
}

async function change(form, submitter) {
  try {
    const data = await send(form, submitter);
    settle(data);
    await refresh(data);
  } catch (error) { refuse(form, submitter, error); }
}

/* Draw the cart anew, on its page and in the drawer; `undo` is the query that brings the Undo button. */
async function refresh({ undo = "", code = "" }) {
  const query = undo ? `?${undo}` : "";
  const page = document.querySelector("[data-cart-body]");
  const body = document.querySelector("dialog[open] [data-drawer-body]");
  const focused = document.activeElement?.id;
  if (page) {
    const text = await load(location.pathname + query);
    const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-cart-body]");
    if (isWaiting()) return;
    if (fresh) page.replaceWith(fresh);
  }
  if (body && !isWaiting()) await fill(body, query);
  if (focused) (document.getElementById(focused) ?? document.getElementById("undo") ?? document.querySelector(`[data-cart-form] [id$="-${CSS.escape(code)}-n"]`))?.focus();
  clearTimeout(undoTimer);
  if (undo) undoTimer = setTimeout(forgetUndo, UNDO_MS);
}

/* Undo goes, but not from under the fingers of who stands on it. */
function forgetUndo() {
  document.querySelectorAll("[data-undo]").forEach((box) => { if (!box.contains(document.activeElement)) box.remove(); });
}

async function load(url) {
  const answer = await fetch(url, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok) throw new Error(`${answer.status} from ${url}`);
  return answer.text();
}

async function fill(body, query = "") {
  body.innerHTML = await load(document.querySelector("[data-cart-link]").dataset.drawer + query);
}

function makeDrawer() {
  const dialog = document.createElement("dialog");
  dialog.id = "cart-drawer";
  dialog.className = "drawer";
  dialog.setAttribute("aria-labelledby", "drawer-title");
  const body = document.createElement("div");
  body.dataset.drawerBody = "";
  body.className = "drawer__all";
  const live = document.createElement("p");
  live.className = "vh";
  live.dataset.live = "";
  live.setAttribute("aria-live", "polite");
  dialog.append(body, live);
  dialog.addEventListener("click", (event) => { if (event.target === dialog || event.target.closest("[data-close]")) dialog.close(); });
  document.body.append(dialog);
  return dialog;
}

async function openDrawer(query = "") {
  const dialog = document.getElementById("cart-drawer") ?? makeDrawer();
  await fill(dialog.querySelector("[data-drawer-body]"), query);
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("[data-added]")?.scrollIntoView({ block: "nearest" });
}

export function setUpCart() {
  setUpSteppers();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const job = form.matches("[data-add]") ? add : form.matches("[data-cart-form]") ? change : null;
    if (!job || event.defaultPrevented) return;
    event.preventDefault();
    inTurn(() => job(form, event.submitter));
  });
  document.querySelectorAll("[data-cart-link]").forEach((link) => link.addEventListener("click", (event) => {
    if (document.querySelector("[data-cart-body]") || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    openDrawer().catch(() => { location.href = link.href; });
  }));
}
