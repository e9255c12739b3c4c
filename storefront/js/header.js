/* The personal part of the header is loaded separately, so that the page can be the same for everybody. */
import { setAmounts } from "./amounts.js";
import { cookie, fetchText } from "./dom.js";

/* Counts changes of the figures, so that an answer already under way is ignored. */
let changes = 0;

/* "1 item", "11 items", in the language of the page. */
function counted({ dataset }, count) {
  const form = dataset[new Intl.PluralRules(document.documentElement.lang).select(count)] ?? dataset.other;
  return count ? form.replace("{n}", count) : "";
}

export function showCart(count, sum) {
  changes += 1;
  const write = (name, text) =>
    document.querySelectorAll(`[data-cart-${name}]`).forEach((node) => {
      node.textContent = text(node);
    });
  write("count", () => (Number(count) ? count : ""));
  write("items", (node) => counted(node, Number(count)));
  write("sum", () => (Number(count) ? sum : ""));
  document.querySelectorAll("[data-cartbar]").forEach((node) => {
    node.hidden = !Number(count);
  });
}

export class Header {
  static selector = "[data-header]";

  constructor(node) {
    this.node = node;
    this.load();
    // A page restored from the back/forward cache shows the current cart, not the one it had.
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) this.load();
    });
  }

  async load() {
    const before = changes;
    if (cookie("shop_state") !== "1") {
      this.showFigures({});
      return;
    }
    const box = document.createElement("template");
    try {
      box.innerHTML = await fetchText(
        `${this.node.dataset.fragment}?page=${encodeURIComponent(this.node.dataset.page)}`,
        { cache: "no-store" },
      );
    } catch {
      return;
    }
    const data = box.content.querySelector("[data-state]")?.dataset ?? {};
    if (changes === before) this.showFigures(data);
    this.showAccount(data);
    this.showMessages(box.content.querySelector("[data-messages]"));
    this.showUserbar(box.content.querySelector("template[data-userbar-html]"));
  }

  showFigures({ count = "", sum = "", amounts = "{}" }) {
    showCart(count, sum);
    setAmounts(JSON.parse(amounts));
  }

  showAccount({ name, account: url }) {
    const link = this.node.querySelector("[data-account]");
    if (!name) return;
    link.setAttribute("aria-label", name);
    link.href = url;
  }

  showMessages(messages) {
    if (messages) document.getElementById("main").prepend(messages);
  }

  /* A script inserted as text does not run: each is created again. */
  showUserbar(userbar) {
    const place = document.querySelector("[data-userbar]");
    if (!userbar || !place) return;
    place.replaceChildren(userbar.content.cloneNode(true));
    place.querySelectorAll("script[src]").forEach((old) => {
      const fresh = document.createElement("script");
      fresh.src = old.src;
      if (old.type) fresh.type = old.type;
      old.replaceWith(fresh);
    });
  }
}
