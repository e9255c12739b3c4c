/* The cart beside the page: a dialog, filled by the shop each time it opens. */
import { fetchText } from "./dom.js";

class Drawer {
  constructor() {
    this.dialog = document.createElement("dialog");
    this.dialog.id = "cart-drawer";
    this.dialog.className = "drawer";
    this.dialog.setAttribute("aria-labelledby", "drawer-title");
    this.body = document.createElement("div");
    this.body.className = "drawer__all";
    const live = document.createElement("p");
    live.className = "vh";
    live.dataset.live = "";
    live.setAttribute("aria-live", "polite");
    this.dialog.append(this.body, live);
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog || event.target.closest("[data-close]")) this.dialog.close();
    });
    document.body.append(this.dialog);
  }

  async fill(query) {
    this.body.innerHTML = await fetchText(document.querySelector("[data-cart-link]").dataset.drawer + query, {
      cache: "no-store",
    });
  }

  async open(query) {
    await this.fill(query);
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.querySelector("[data-added]")?.scrollIntoView({ block: "nearest" });
  }
}

let drawer = null;

export async function openDrawer(query = "") {
  drawer ??= new Drawer();
  await drawer.open(query);
}

export async function refillDrawer(query = "") {
  if (drawer?.dialog.open) await drawer.fill(query);
}

export class CartLink {
  static selector = "[data-cart-link]";

  constructor(link) {
    link.addEventListener("click", (event) => {
      if (document.querySelector("[data-cart-body]") || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      openDrawer().catch(() => {
        location.href = link.href;
      });
    });
  }
}
