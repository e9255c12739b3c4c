/* Header fragment, theme, shop picker, error summary, passwords, polling. */
import { cookie, say } from "./dom.js";

const root = document.documentElement;
const STALE_MS = 60_000;

async function loadHeader() {
  const header = document.querySelector("[data-header]");
  if (!header || cookie("shop_state") !== "1") return;
  const answer = await fetch(`${header.dataset.fragment}?page=${encodeURIComponent(header.dataset.page)}`, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const box = document.createElement("template");
  box.innerHTML = await answer.text();
  const data = box.content.querySelector("[data-state]")?.dataset ?? {};
  showCart(data.count ?? "", data.sum ?? "");
  const account = document.querySelector("[data-account]");
  if (account && data.name) { account.setAttribute("aria-label", data.name); account.href = data.account; }
  const messages = box.content.querySelector("[data-messages]");
  if (messages) document.getElementById("main").prepend(messages);
  const userbar = box.content.querySelector("template[data-userbar-html]");
  const place = document.querySelector("[data-userbar]");
  if (userbar && place) {
    place.append(userbar.content.cloneNode(true));
    place.querySelectorAll("script[src]").forEach((old) => { const fresh = document.createElement("script"); fresh.src = old.src; if (old.type) fresh.type = old.type; old.replaceWith(fresh); });
  }
}

/* "1 item", "11 items", in the language of the page. */
function counted({ dataset }, count) {
  const form = dataset[new Intl.PluralRules(root.lang).select(count)] ?? dataset.other;
  return count ? form.replace("{n}", count) : "";
}

export function showCart(count, sum) {
  document.querySelectorAll("[data-cart-count]").forEach((node) => { node.textContent = Number(count) ? count : ""; });
  document.querySelectorAll("[data-cart-items]").forEach((node) => { node.textContent = counted(node, Number(count)); });
  document.querySelectorAll("[data-cart-sum]").forEach((node) => { node.textContent = Number(count) ? sum : ""; });
  document.querySelectorAll("[data-cartbar]").forEach((node) => { node.hidden = !Number(count); });
}

const press = (buttons, on) => buttons.forEach((button) => button.setAttribute("aria-pressed", String(on(button))));

function themes() {
  const buttons = document.querySelectorAll("[data-set-theme]");
  const show = () => press(buttons, (button) => button.dataset.setTheme === (root.dataset.theme || "auto"));
  buttons.forEach((button) => button.addEventListener("click", () => {
    const theme = button.dataset.setTheme;
    if (theme === "auto") delete root.dataset.theme; else root.dataset.theme = theme;
    try { localStorage.setItem("theme", theme); } catch { /* private mode */ }
    show();
  }));
  show();
}

function picker() {
  const shops = document.querySelectorAll("[data-set-shop]");
  press(shops, (button) => button.dataset.setShop === root.dataset.shop);
  shops.forEach((button) => button.addEventListener("click", async (event) => {
    event.preventDefault();
    const form = button.form;
    const body = new URLSearchParams({ shop: button.value });
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) { form.requestSubmit(button); return; }
    root.dataset.shop = button.dataset.setShop;
    press(shops, (other) => other === button);
    const details = button.closest("details");
    details.open = false;
    details.querySelector("summary").focus();
    document.dispatchEvent(new CustomEvent("shop:chosen"));
    if (document.querySelector("[data-reload-on-shop]")) location.reload();
  }));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll(".picker[open]").forEach((details) => { details.open = false; details.querySelector("summary").focus(); });
  });
  document.addEventListener("click", (event) => {
    document.querySelectorAll(".picker[open]").forEach((details) => { if (!details.contains(event.target)) details.open = false; });
  });
}

function passwords() {
  document.querySelectorAll("[data-show-password]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      const field = document.getElementById(button.getAttribute("aria-controls"));
      const shown = field.type === "text";
      field.type = shown ? "password" : "text";
      button.setAttribute("aria-pressed", String(!shown));
    });
  });
}

/* When the page last heard from the shop, and a notice when that is long ago. */
function outOfTouch(isStale) {
  document.querySelectorAll("[data-stale]").forEach((notice) => { notice.hidden = !isStale; });
  if (isStale) return;
  document.querySelectorAll("[data-updated]").forEach((node) => {
    node.textContent = new Date().toLocaleTimeString("en-GB", { timeZone: node.dataset.zone, hour: "2-digit", minute: "2-digit" });
  });
}

function polling() {
  document.querySelectorAll("[data-poll]").forEach((node) => {
    let tag = node.dataset.pollTag ? `"${node.dataset.pollTag}"` : "";
    let heard = Date.now();
    const hear = () => { heard = Date.now(); outOfTouch(false); };
    const ask = async () => {
      if (document.hidden) return;
      try {
        const answer = await fetch(node.dataset.poll, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
        if (answer.status === 304) { hear(); return; }
        if (answer.status !== 200) throw new Error(`${answer.status} from ${node.dataset.poll}`);
        tag = answer.headers.get("ETag") || "";
        const html = await answer.text();
        hear();
        if (html.trim() && html !== node.innerHTML) {
          const before = node.textContent;
          node.innerHTML = html;
          if (node.textContent !== before && node.dataset.pollSay !== undefined) say(node.querySelector("[data-say]")?.textContent ?? "");
        }
      } catch { if (Date.now() - heard >= STALE_MS) outOfTouch(true); }
    };
    document.addEventListener("visibilitychange", ask);
    setInterval(ask, Number(node.dataset.pollEvery || 15) * 1000);
  });
}

/* A form that must go once: the second press of a slow page does nothing. Back from elsewhere it goes again. */
function once() {
  document.querySelectorAll("form[data-once]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      if (form.classList.contains("busy")) event.preventDefault();
      form.classList.add("busy");
    });
    window.addEventListener("pageshow", () => form.classList.remove("busy"));
  });
}

function printing() {
  document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) print(); });
}

export function setUpShell() {
  once();
  printing();
  themes();
  picker();
  passwords();
  polling();
  document.querySelector("[data-focus]")?.focus();
  loadHeader();
}
