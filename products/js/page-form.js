// Beside the tab stands the form of the page, with its own buttons and Ctrl+S. Whatever they do, unsaved figures of the
// tab are saved first; when those are refused, nothing of the page is saved and the tab is opened.

const SHORTCUT = '[data-w-kbd-key-value="mod+s"]';

export class PageForm {
  constructor(variants) {
    this.variants = variants;
    this.form = document.querySelector("form[data-edit-form]");
    this.isPassing = false;
    document.addEventListener("keydown", (event) => this.keepShortcut(event));
    variants.slot.addEventListener("click", (event) => {
      if (event.target.closest("[data-variants-publish]")) this.publishButton()?.click();
    });
    this.offerPublish();
    if (!this.form) return;
    // Before Wagtail's own listeners, one of which would show the button as busy.
    document.addEventListener("click", (event) => this.saveFirst(event), true);
    this.form.addEventListener("submit", (event) => this.keepTab(event));
    new MutationObserver(() => this.offerPublish()).observe(variants.slot, { childList: true });
  }

  publishButton() {
    return this.form?.querySelector("button[name=action-publish]");
  }

  offerPublish() {
    const offer = this.variants.slot.querySelector("[data-variants-publish]");
    if (offer) offer.hidden = !this.publishButton();
  }

  // Where the page has no button with this shortcut, it saves the figures alone.
  keepShortcut(event) {
    if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    if (event.defaultPrevented || document.querySelector(SHORTCUT) || !this.variants.root) return;
    event.preventDefault();
    this.variants.save();
  }

  async saveFirst(event) {
    const button = event.target.closest?.("button, input[type=submit]");
    const isOfPage = button?.form === this.form && (button.type === "submit" || button.dataset.workflowActionName);
    if (!isOfPage || this.isPassing || !(this.variants.isSaving || this.variants.isDirty())) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.variants.isSaving) return;
    if (await this.variants.save()) this.pass(button);
    else this.openTab();
  }

  pass(button) {
    this.isPassing = true;
    button.click();
    this.isPassing = false;
  }

  openTab() {
    const panel = this.variants.slot.closest("[role=tabpanel]");
    const focus = () => this.variants.root.querySelector("[aria-invalid]")?.focus();
    if (!panel?.hidden) return focus();
    // Wagtail shows the panel a moment after the click.
    const shown = new MutationObserver(() => {
      if (panel.hidden) return;
      shown.disconnect();
      requestAnimationFrame(focus);
    });
    shown.observe(panel, { attributes: true, attributeFilter: ["hidden"] });
    document.querySelector(`[role=tab][aria-controls="${panel.id}"]`)?.click();
    return undefined;
  }

  // The answer to a saved draft is this page again: a redirect keeps the part of the address after "#".
  keepTab(event) {
    const address = this.form.action.split("#")[0];
    this.form.action = event.submitter?.name ? address : address + window.location.hash;
  }
}
