/* Add, step, remove with undo, and the drawer. Each is a form that works by itself. */
import { say, send } from "./dom.js";
import { showCart } from "./shell.js";

let queue = Promise.resolve();

function refuse(form, error) {
  const box = form.querySelector("[data-refusal]") ?? form.closest("[data-line]")?.querySelector("[data-refusal]");
  const text = error.message;
  if (!text) { form.submit(); return; }
  if (box) { box.textContent = text; box.hidden = false; }
  say(text);
}

function applyState(data) {
  showCart(data.count, data.sum);
  document.querySelectorAll(`[data-add][data-code="${CSS.escape(data.code)}"]`).forEach((form) => swap(form, data.quantity, data.quantity_text));
}

function swap(form, quantity, text) {
  const some = form.querySelector("[data-when=some]");
  const zero = form.querySelector("[data-when=zero]");
  if (!some || !zero) return;
  const focused = form.contains(document.activeElement);
  const has = Number(quantity) > 0;
  zero.hidden = has;
  some.hidden = !has;
  const shown = form.querySelector("[data-n]");
  if (shown) shown.textContent = text;
  if (focused && !has) zero.focus();
  if (focused && has && document.activeElement === document.body) some.querySelector("[data-more]")?.focus();
}

async function add(form, submitter) {
  form.classList.add("busy");
  try {
    const data = await send(form, submitter);
    applyState(data);
    say(data.message);
    const box = form.querySelector("[data-refusal]");
    if (box) box.hidden = true;
    if (form.dataset.add && form.hasAttribute("data-opens-drawer")) openDrawer();
  } catch (error) { refuse(form, error); } finally { form.classList.remove("busy"); }
}

async function change(form, submitter) {
  try {
    const data = await send(form, submitter);
    applyState(data);
    say(data.message);
    await refresh();
  } catch (error) { refuse(form, error); }
}

async function refresh() {
  const here = document.querySelector("[data-cart-body]");
  const drawer = document.querySelector("dialog[open] [data-drawer-body]");
  if (here) await replace(here, location.pathname, "[data-cart-body]");
  if (drawer) await fill(drawer);
}

async function replace(node, url, selector) {
  const answer = await fetch(url, { headers: { Accept: "text/html" }, cache: "no-store" });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(selector);
  const focused = document.activeElement?.id;
  if (fresh) node.replaceWith(fresh);
  if (focused) document.getElementById(focused)?.focus();
}

async function fill(body) {
  const link = document.querySelector("[data-cart-link]");
  const answer = await fetch(link.dataset.drawer, { cache: "no-store" });
  body.innerHTML = await answer.text();
}

async function openDrawer() {
  let dialog = document.getElementById("cart-drawer");
  if (!dialog) {
    dialog = document.createElement("dialog");
    dialog.id = "cart-drawer";
    dialog.className = "drawer";
    const body = document.createElement("div");
    body.dataset.drawerBody = "";
    body.className = "drawer__all";
    dialog.append(body);
    document.body.append(dialog);
    dialog.addEventListener("click", (event) => { if (event.target === dialog || event.target.closest("[data-close]")) dialog.close(); });
  }
  await fill(dialog.querySelector("[data-drawer-body]"));
  dialog.setAttribute("aria-label", dialog.querySelector("h2")?.textContent ?? "");
  if (!dialog.open) dialog.showModal();
}

export function setUpCart() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const job = form.matches("[data-add]") ? add : form.matches("[data-cart-form]") ? change : null;
    if (!job) return;
    event.preventDefault();
    const submitter = event.submitter;
    queue = queue.then(() => job(form, submitter));
  });
  document.addEventListener("change", (event) => {
    const field = event.target.closest("[data-cart-form] [name=quantity]");
    if (field) field.form.requestSubmit();
  });
  document.querySelectorAll("[data-cart-link]").forEach((link) => link.addEventListener("click", (event) => {
    if (document.querySelector("[data-cart-body]") || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    openDrawer().catch(() => { location.href = link.href; });
  }));
}
