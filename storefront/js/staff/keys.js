// Keys: arrows move between orders, letters act, anything else typed goes to the scan field (a hand scanner
// acts as a keyboard). Letters can be switched off in the user menu and stay off on this device.

const field = document.querySelector("[data-scan-field]");
const box = document.querySelector("[data-keys]");
const toggle = document.querySelector("[data-keys-switch]");
const KEEP = "staff-keys";

const stored = () => {
  try {
    return localStorage.getItem(KEEP);
  } catch {
    return null;
  }
};
const store = (value) => {
  try {
    localStorage.setItem(KEEP, value);
  } catch {
    /* private mode */
  }
};

const onBoard = Boolean(document.querySelector("[data-board]"));
let isOn = stored() !== "off";
if (box) box.hidden = false;
if (toggle) {
  toggle.checked = isOn;
  toggle.addEventListener("change", () => {
    isOn = toggle.checked;
    store(isOn ? "on" : "off");
  });
}
if (field && (onBoard || document.body.classList.contains("staff--scan")) && matchMedia("(pointer: fine)").matches)
  field.focus();

const tickets = (column) => [...column.querySelectorAll("[data-ticket]")];
const columns = () => [...document.querySelectorAll("section[data-col]")].filter((column) => tickets(column).length);
const focusTicket = (ticket) =>
  (ticket?.querySelector("[data-next]") ?? ticket?.querySelector("[data-open-order]"))?.focus();

function move(key) {
  const all = columns();
  if (!all.length) return;
  const ticket = document.activeElement.closest("[data-ticket]");
  if (!ticket) return focusTicket(tickets(all[0])[0]);
  const column = ticket.closest("section[data-col]");
  const row = tickets(column);
  const index = row.indexOf(ticket);
  if (key === "ArrowUp" && index === 0) return field?.focus();
  if (key === "ArrowUp" || key === "ArrowDown") return focusTicket(row[index + (key === "ArrowDown" ? 1 : -1)]);
  const step = (key === "ArrowRight") === (getComputedStyle(document.body).direction === "ltr") ? 1 : -1;
  const next = all[all.indexOf(column) + step];
  if (next) focusTicket(tickets(next)[Math.min(index, tickets(next).length - 1)]);
}

const shortcuts = {
  u: () => document.querySelector("[data-key-target=undo]")?.click(),
  p: () => document.activeElement.closest("[data-ticket]")?.querySelector("[data-slip]")?.click(),
  s: () => document.querySelector("[data-key-target=scan]")?.click(),
  "/": () => field?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "Escape") {
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (typing === field) field.blur();
    return;
  }
  if (isOn && onBoard && event.key.startsWith("Arrow")) {
    if (typing && !(typing === field && !field.value && event.key === "ArrowDown")) return;
    if (event.target.closest(".menu[open], dialog")) return;
    event.preventDefault();
    return move(event.key);
  }
  if (typing || event.key.length !== 1 || event.target.closest("dialog")) return;
  const shortcut = isOn && shortcuts[event.key.toLowerCase()];
  if (shortcut && !document.body.classList.contains("staff--scan")) {
    event.preventDefault();
    return shortcut();
  }
  if (field && event.key !== " ") field.focus(); // the key itself goes into the field
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]"))
    if (!menu.contains(event.target)) menu.open = false;
});
for (const link of document.querySelectorAll("[data-focus-search]")) {
  link.addEventListener("click", (event) => {
    if (field) {
      event.preventDefault();
      field.focus();
    }
  });
}
