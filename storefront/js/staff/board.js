// Keeps the board live: polls every few seconds, posts without leaving the page, counts down the undo.
// Without this script every button is a plain form post and the page reloads itself.

import { NoAnswer, postForPage } from "../press.js";

const board = document.querySelector("[data-board]");
const act = document.getElementById("act");
const indicator = document.querySelector("[data-live]");
const clock = document.querySelector("[data-clock]");

class Board {
  constructor(root, form) {
    this.root = root;
    this.form = form;
    this.etag = null;
    this.lastSeen = new Date();
    this.posting = false;
    this.keepNotice = 0;
    this.timer = null;
    this.every = Number(root.dataset.seconds) * 1000;
  }

  start() {
    this.form?.addEventListener("submit", (event) => this.post(event));
    this.root.addEventListener("click", (event) => this.pickColumn(event));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.ask();
    });
    document.addEventListener("staff:refresh", () => {
      this.etag = null;
      this.ask();
    });
    this.show(true);
    this.countDown();
    this.again();
  }

  again() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), this.every);
  }

  async ask() {
    clearTimeout(this.timer);
    try {
      const headers = this.etag ? { "If-None-Match": this.etag } : {};
      const answer = await fetch(this.root.dataset.url + location.search, {
        headers,
        cache: "no-store",
        redirect: "manual",
      });
      if (answer.type === "opaqueredirect") return location.reload(); // signed out meanwhile
      if (answer.status === 200) {
        const html = await answer.text();
        if (!this.posting) {
          this.etag = answer.headers.get("ETag");
          this.swap(html);
        }
      } else if (answer.status !== 304) throw new Error(String(answer.status));
      this.lastSeen = new Date();
      this.show(true);
    } catch {
      this.show(Date.now() - this.lastSeen < 15000);
    }
    this.again();
  }

  async post(event) {
    const button = event.submitter;
    if (!button) return;
    event.preventDefault();
    if (this.posting) return;
    this.posting = true;
    button.setAttribute("aria-disabled", "true");
    try {
      const { page } = await postForPage(this.form, button);
      const fresh = page.getElementById("live");
      if (!fresh) return location.reload(); // signed out, or the page is stale: a fresh one says so
      this.etag = null;
      this.swap(fresh.innerHTML);
      this.keepNotice = Date.now() + 10000; // the next answers do not include it
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      // Nobody knows whether the step was taken: ask the board, post nothing again.
      button.removeAttribute("aria-disabled");
      this.notice(error.message);
      this.etag = null;
      this.ask();
    } finally {
      this.posting = false;
    }
    return undefined;
  }

  notice(text) {
    const box = document.createElement("div");
    box.className = "notice notice--warn board__notice";
    box.setAttribute("role", "alert");
    const sentence = document.createElement("p");
    sentence.className = "strong";
    sentence.textContent = text;
    box.append(sentence);
    this.root.querySelector(".board__notice")?.remove();
    this.root.prepend(box);
    this.keepNotice = Date.now() + 10000;
  }

  swap(html) {
    const place = this.remember();
    const panel = this.root.querySelector("[data-panel]");
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const slot = fresh.content.querySelector("[data-panel]");
    if (panel && slot) slot.replaceWith(panel);
    const notice = this.root.querySelector(".board__notice");
    if (notice && Date.now() < this.keepNotice && !fresh.content.querySelector(".board__notice"))
      fresh.content.prepend(notice);
    this.root.replaceChildren(fresh.content);
    this.restore(place);
    const count = this.root.querySelectorAll("[data-ticket]").length;
    document.title = (count ? `(${count}) ` : "") + document.title.replace(/^\(\d+\) /, "");
    this.countDown();
  }

  remember() {
    const focus = document.activeElement;
    const ticket = focus?.closest("[data-ticket]");
    const column = focus?.closest("section[data-col]");
    return {
      menus: [...this.root.querySelectorAll("details[open][data-menu]")].map((menu) => menu.dataset.menu),
      ticket: ticket?.dataset.ticket,
      column: column?.dataset.col,
      index: ticket && column ? [...column.querySelectorAll("[data-ticket]")].indexOf(ticket) : -1,
      was: focus?.matches("[data-next]") ? "[data-next]" : focus?.matches("summary") ? "summary" : "a",
      top: this.root.querySelector(".board")?.scrollTop ?? 0,
    };
  }

  restore(place) {
    for (const name of place.menus) {
      const menu = this.root.querySelector(`details[data-menu="${CSS.escape(name)}"]`);
      if (menu) menu.open = true;
    }
    const main = this.root.querySelector(".board");
    if (main) main.scrollTop = place.top;
    if (!place.ticket) return;
    // The next ticket in the same place of the same column, so that keyboard users keep their row.
    const column = this.root.querySelector(`section[data-col="${CSS.escape(place.column ?? "")}"]`);
    const tickets = column ? [...column.querySelectorAll("[data-ticket]")] : [];
    const same = tickets.find((ticket) => ticket.dataset.ticket === place.ticket);
    const next = same ?? tickets[Math.min(place.index, tickets.length - 1)];
    (next?.querySelector(place.was) ?? this.root.querySelector("[data-next]") ?? main)?.focus({ preventScroll: true });
  }

  pickColumn(event) {
    const link = event.target.closest("[data-col-link]");
    if (!link || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    history.replaceState(null, "", link.href);
    if (this.form) this.form.elements.next.value = location.pathname + location.search;
    const chosen = link.dataset.colLink;
    for (const tab of this.root.querySelectorAll("[data-col-link]")) {
      if (tab === link) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    }
    for (const column of this.root.querySelectorAll("section[data-col]"))
      column.classList.toggle("col--on", column.dataset.col === chosen);
    this.etag = null;
  }

  countDown() {
    clearInterval(this.toastTimer);
    const toast = this.root.querySelector("[data-toast]");
    if (!toast) return;
    const end = Date.now() + Number(toast.dataset.seconds) * 1000;
    const left = toast.querySelector("[data-left]");
    const tick = () => {
      const seconds = Math.ceil((end - Date.now()) / 1000);
      if (seconds <= 0) {
        clearInterval(this.toastTimer);
        toast.remove();
        return;
      }
      left.textContent = `, ${seconds} s`;
    };
    tick();
    this.toastTimer = setInterval(tick, 250);
  }

  show(isLive) {
    if (!indicator) return;
    const text = isLive ? indicator.dataset.labelOn : `${indicator.dataset.labelOff} ${time(this.lastSeen)}`;
    indicator.hidden = false;
    indicator.classList.toggle("live--off", !isLive);
    if (indicator.textContent !== text) indicator.textContent = text;
  }
}

function time(moment) {
  const timeZone = clock?.dataset.zone;
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone }).format(moment);
}

if (board) new Board(board, act).start();
if (clock)
  setInterval(() => {
    const now = time(new Date());
    if (clock.textContent !== now) clock.textContent = now;
  }, 1000);
