/* The promise of the chosen shop is shown in its choice; scripts repeat it above the order button. */
export class PromiseHere {
  static selector = "[data-promise-here]";

  constructor(node) {
    this.node = node;
    node.closest("form").addEventListener("change", () => this.show());
    window.addEventListener("pageshow", () => this.show());
    this.show();
  }

  show() {
    const choice = document.querySelector("input[name=shop]:checked")?.closest(".choice");
    const promise = choice?.querySelector("[data-promise]");
    this.node.replaceChildren(...(promise?.cloneNode(true).childNodes ?? []));
    this.node.hidden = !promise;
  }
}
