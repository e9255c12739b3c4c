/* The shop picker chooses without leaving the page; early.js marks the parts of the chosen shop. */
import { say } from "./dom.js";
import { NoAnswer } from "./press.js";

export class Picker {
  static selector = "[data-picker]";

  constructor(details) {
    this.details = details;
    this.buttons = [...details.querySelectorAll("[data-set-shop]")];
    details.addEventListener("submit", (event) => {
      event.preventDefault();
      this.choose(event.submitter);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && details.open) this.close();
    });
    document.addEventListener("click", (event) => {
      if (!details.contains(event.target)) details.open = false;
    });
    document.addEventListener("shop:chosen", () => this.show());
    window.addEventListener("pageshow", () => this.show());
    this.show();
  }

  show() {
    const mine = document.documentElement.dataset.shop;
    this.buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.setShop === mine)));
  }

  close() {
    this.details.open = false;
    this.details.querySelector("summary").focus();
  }

  async choose(button) {
    const { form } = button;
    const body = new URLSearchParams(new FormData(form, button));
    let answer = null;
    try {
      answer = await fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
    } catch {
      say(new NoAnswer().message, { shown: true });
      return;
    }
    if (!answer.ok) {
      // A form sent by a script leaves out the pressed button, which names the shop.
      const shop = Object.assign(document.createElement("input"), {
        type: "hidden",
        name: button.name,
        value: button.value,
      });
      form.append(shop);
      HTMLFormElement.prototype.submit.call(form);
      return;
    }
    document.dispatchEvent(new Event("shop:chosen"));
    this.close();
    if (document.querySelector("[data-reload-on-shop]")) location.reload();
  }
}
