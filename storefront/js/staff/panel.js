// Opens an order beside the board: in the rail on wide screens, in a sheet below that, on its page on phones.

import { mount } from "../dom.js";
import { NoAnswer, postForPage } from "../press.js";

const wide = matchMedia("(min-width: 75rem)");
const roomy = matchMedia("(min-width: 48rem)");

class OrderPanel {
  static selector = "#sheet";

  constructor(sheet) {
    this.sheet = sheet;
    this.opened = null;
    this.posting = false;
    document.addEventListener("click", (event) => this.click(event));
    document.addEventListener("submit", (event) => this.submit(event));
    sheet.querySelector("[data-sheet-close]").addEventListener("click", () => sheet.close());
    sheet.addEventListener("click", (event) => {
      if (event.target === sheet) sheet.close();
    });
  }

  get place() {
    return wide.matches ? document.querySelector(".rail [data-panel]") : this.sheet.querySelector("[data-sheet-body]");
  }

  click(event) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || !roomy.matches) return;
    const link = event.target.closest("[data-open-order]");
    if (link) {
      event.preventDefault();
      link.closest("details")?.removeAttribute("open");
      this.open(link.href).catch(() => location.assign(link.href));
    }
    const recall = event.target.closest("[data-sheet-of]");
    const source = recall && document.getElementById(recall.dataset.sheetOf);
    if (source) {
      event.preventDefault();
      this.opened = null;
      this.sheet.querySelector("[data-sheet-body]").replaceChildren(...source.cloneNode(true).childNodes);
      this.sheet.showModal();
    }
  }

  async open(url) {
    const answer = await fetch(`${url.split("#")[0]}?panel=1`, { cache: "no-store", redirect: "manual" });
    if (!answer.ok) {
      location.assign(url);
      return;
    }
    this.show(await answer.text(), url);
  }

  show(html, url) {
    this.opened = url;
    const { place } = this;
    place.innerHTML = html;
    place.hidden = false;
    if (!wide.matches && !this.sheet.open) this.sheet.showModal();
    const title = place.querySelector("#order-title");
    if (title) {
      title.tabIndex = -1;
      title.focus({ preventScroll: true });
    }
  }

  submit(event) {
    // The steps of the board's tickets belong to one form, which board.js posts.
    if (event.submitter?.getAttribute("form") === "act") {
      if (this.sheet.open) this.sheet.close();
      return;
    }
    const form = event.target.closest("[data-panel] form, [data-sheet-body] form");
    // One that opens a tab of its own is answered there, with a document.
    if (!form || !this.opened || form.target) return;
    event.preventDefault();
    if (!this.posting) this.post(form, event.submitter);
  }

  async post(form, submitter) {
    this.posting = true;
    let notice = null;
    try {
      const { page, ok } = await postForPage(form, submitter);
      notice = ok ? null : page.querySelector(".notice");
      await this.open(this.opened);
    } catch (error) {
      // Nothing is posted again: the order and the board show the outcome once they can be reached.
      notice = document.createElement("p");
      notice.className = "notice notice--warn";
      notice.setAttribute("role", "alert");
      notice.textContent = error instanceof NoAnswer ? error.message : new NoAnswer().message;
    } finally {
      this.posting = false;
    }
    if (notice) this.place.prepend(notice);
    document.dispatchEvent(new Event("staff:refresh"));
  }
}

mount([OrderPanel]);
