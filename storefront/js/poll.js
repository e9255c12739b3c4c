/* A part of the page that polls for changes every few seconds and says if there was no answer. */
import { redraw, say } from "./dom.js";

const STALE_MS = 60_000;

export class Poll {
  static selector = "[data-poll]";

  constructor(node) {
    this.node = node;
    this.tag = node.dataset.pollTag ? `"${node.dataset.pollTag}"` : "";
    this.heard = Date.now();
    document.addEventListener("visibilitychange", () => this.ask());
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) this.ask();
    });
    setInterval(() => this.ask(), Number(node.dataset.pollEvery || 15) * 1000);
  }

  async ask() {
    if (document.hidden) return;
    try {
      const headers = this.tag ? { "If-None-Match": this.tag } : {};
      const answer = await fetch(this.node.dataset.poll, { headers, cache: "no-store" });
      if (answer.status === 200) {
        this.tag = answer.headers.get("ETag") || "";
        this.draw(await answer.text());
      } else if (answer.status !== 304) throw new Error(`${answer.status} from ${this.node.dataset.poll}`);
      this.heard = Date.now();
      this.showTouch(true);
    } catch {
      if (Date.now() - this.heard >= STALE_MS) this.showTouch(false);
    }
  }

  draw(html) {
    if (!html.trim() || html === this.node.innerHTML) return;
    const before = this.node.textContent;
    redraw(this.node, html);
    if (this.node.textContent !== before && this.node.dataset.pollSay !== undefined) {
      say(this.node.querySelector("[data-say]")?.innerText ?? "");
    }
  }

  /* The time of the last answer, and a notice if that was long ago. */
  showTouch(isInTouch) {
    document.querySelectorAll("[data-stale]").forEach((notice) => {
      notice.hidden = isInTouch;
    });
    if (!isInTouch) return;
    document.querySelectorAll("[data-updated]").forEach((node) => {
      const options = { timeZone: node.dataset.zone, hour: "2-digit", minute: "2-digit" };
      node.textContent = new Date().toLocaleTimeString("en-GB", options);
    });
  }
}
