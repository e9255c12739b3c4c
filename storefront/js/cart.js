/* Add, step, remove with undo. Each is a form that also works without scripts; no answer leaves the page. */
import { setAmount } from "./amounts.js";
import { fetchPage, say } from "./dom.js";
import { openDrawer, refillDrawer } from "./drawer.js";
import { showCart } from "./header.js";
import { Press } from "./press.js";
import { isWaiting } from "./stepper.js";

const UNDO_MS = 10_000;

export class Cart {
  static selector = "body";

  constructor(body) {
    this.queue = Promise.resolve();
    this.undoTimer = 0;
    body.addEventListener("submit", (event) => this.take(event));
  }

  /* One after another: the last answer is the current cart. */
  take(event) {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("[data-add], [data-cart-form]")) return;
    event.preventDefault();
    const press = new Press(form, event.submitter);
    this.queue = this.queue.then(() => this.send(form, press));
  }

  async send(form, press) {
    form.classList.add("busy");
    try {
      const data = await press.send();
      this.show(form, data);
      // Done; the rest only redraws it. If that fails, the figures in the header are right all the same.
      await this.follow(form, data).catch(() => {});
    } catch (error) {
      this.refuse(form, error.message);
    } finally {
      form.classList.remove("busy");
    }
  }

  show(form, data) {
    showCart(data.count, data.sum);
    setAmount(data.code, data.quantity_text);
    const box = form.querySelector("[data-refusal]");
    if (box) box.hidden = true;
    say(data.message, { shown: data.clipped });
  }

  async follow(form, data) {
    if (form.matches("[data-cart-form]")) await this.refresh(data);
    else if (form.hasAttribute("data-opens-drawer")) {
      await openDrawer(`?${data.clipped ? "clipped" : "added"}=${encodeURIComponent(data.code)}`);
    }
  }

  refuse(form, message) {
    const box = form.querySelector("[data-refusal]") ?? form.closest("[data-line]")?.querySelector("[data-refusal]");
    if (box) {
      box.textContent = message;
      box.hidden = false;
    }
    say(message, { shown: !box || box.classList.contains("vh") });
  }

  /* Redraw the cart, on its page and in the drawer; `undo` is the query that shows the Undo button. */
  async refresh({ undo = "", code = "" }) {
    const query = undo ? `?${undo}` : "";
    const focused = document.activeElement?.id;
    const page = document.querySelector("[data-cart-body]");
    if (page) {
      const fresh = (await fetchPage(location.pathname + query)).querySelector("[data-cart-body]");
      if (isWaiting()) return;
      if (fresh) page.replaceWith(fresh);
    }
    if (!isWaiting()) await refillDrawer(query);
    if (focused) this.focusAgain(focused, code);
    clearTimeout(this.undoTimer);
    if (undo) this.undoTimer = setTimeout(forgetUndo, UNDO_MS);
  }

  focusAgain(id, code) {
    const places = [
      document.getElementById(id),
      document.getElementById("undo"),
      document.querySelector(`[data-cart-form] [id$="-${CSS.escape(code)}-n"]`),
    ];
    places.find(Boolean)?.focus();
  }
}

/* Undo disappears, but not while it has the focus. */
function forgetUndo() {
  document.querySelectorAll("[data-undo]").forEach((box) => {
    if (!box.contains(document.activeElement)) box.remove();
  });
}
