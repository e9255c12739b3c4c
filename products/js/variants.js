// The tab "Variants, prices and stock": its inputs belong to a form of their own, so that neither autosave nor Publish
// sends them. They are saved by one request: by the tab's own bar, and before whatever the page's buttons do.

import { Combinations } from "./combinations.js";
import { showStored } from "./conflicts.js";
import { controlOf, isChanged, setStored, storedOf } from "./controls.js";
import { counted } from "./counted.js";
import { PageForm } from "./page-form.js";

const FORM_ID = "sku-form";
const SAVE = `[form=${FORM_ID}][type=submit]`;

const PATIENCE_MS = 30_000;
const AGAIN_MS = 1_000;

const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const pause = (ms) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
const csrfToken = () => JSON.parse(document.getElementById("wagtail-config").textContent).CSRF_TOKEN;

class Variants {
  constructor(slot) {
    this.slot = slot;
    this.added = 0;
    slot.addEventListener("click", (event) => this.click(event));
    slot.addEventListener("input", () => this.say(this.isDirty() ? this.root.dataset.textUnsaved : ""));
    slot.addEventListener("keydown", (event) => this.keepEnter(event));
    window.addEventListener("beforeunload", (event) => {
      if (this.isDirty()) event.preventDefault();
    });
    document.addEventListener("w-autosave:success", (event) => this.mountAfterFirstSave(event));
    this.ensureForm();
  }

  get root() {
    return this.slot.querySelector("[data-variants]");
  }

  ensureForm() {
    const form = document.getElementById(FORM_ID) ?? document.createElement("form");
    form.id = FORM_ID;
    form.noValidate = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
    if (!form.isConnected) document.body.append(form);
  }

  rows() {
    return this.root ? [...this.root.querySelectorAll("[data-variant]")] : [];
  }

  controls(row) {
    return [...row.querySelectorAll("[data-field]")];
  }

  isDirty() {
    if (!this.root) return false;
    const tax = this.root.querySelector("[data-tax-class]");
    return isChanged(tax) || this.rows().some((row) => !row.dataset.id || this.controls(row).some(isChanged));
  }

  click(event) {
    if (event.target.closest("[data-variant-add]")) this.addRow().querySelector("[data-field=code]").focus();
    if (event.target.closest("[data-price-all-fill]")) this.fillPrices();
    const drop = event.target.closest("[data-variant-drop]");
    if (!drop) return;
    drop.closest("[data-variant]").remove();
    this.warnOfMany();
    this.root.querySelector("[data-variant-add]").focus();
  }

  // Nothing is saved yet: each row shows what it will cost.
  fillPrices() {
    const price = this.root.querySelector("[data-price-all]").value;
    const onSale = this.rows().filter((row) => !row.querySelector("[data-field=archived]")?.checked);
    for (const row of onSale) row.querySelector("[data-field=price]").value = price;
    this.say(this.isDirty() ? this.root.dataset.textUnsaved : "");
  }

  // Enter in this input would send the form it belongs to, which saves the whole tab.
  keepEnter(event) {
    if (event.key !== "Enter" || !event.target.matches("[data-price-all]")) return;
    event.preventDefault();
    this.fillPrices();
  }

  addRow() {
    const row = this.root.querySelector("[data-variant-blank]").content.firstElementChild.cloneNode(true);
    this.added += 1;
    row.dataset.key = `new-${this.added}`;
    row.dataset.sort = String(this.rows().length);
    this.root.querySelector("[data-variant-list]").append(row);
    this.root.querySelector("[data-variants-empty]")?.remove();
    this.warnOfMany();
    return row;
  }

  warnOfMany() {
    const warning = this.root.querySelector("[data-variants-long]");
    const number = this.rows().length;
    warning.hidden = number < Number(warning.dataset.many);
    if (!warning.hidden) warning.textContent = counted(this.root, "long", number);
  }

  collect(row) {
    const changed = this.controls(row).filter(isChanged);
    const isNew = !row.dataset.id;
    if (!isNew && changed.length === 0) return null;
    const value = (name) => row.querySelector(`[data-field="${name}"]`)?.value ?? "";
    const sent = { key: row.dataset.key, version: row.dataset.version };
    if (!isNew) sent.id = row.dataset.id;
    const names = changed.map((control) => control.dataset.field);
    const terms = this.root.dataset.terms.split(" ");
    if (isNew || names.some((name) => terms.includes(name) || name === "options")) {
      for (const name of terms) sent[name] = value(name);
      sent.sort_order = row.dataset.sort;
      sent.options = {};
      for (const select of row.querySelectorAll("[data-option]")) {
        if (select.value) sent.options[select.dataset.option] = select.value;
      }
    }
    if (isNew || names.includes("price") || names.includes("price_starts")) {
      sent.price = value("price");
      sent.price_starts = value("price_starts");
    }
    if (names.includes("archived")) sent.archived = row.querySelector("[data-field=archived]").checked;
    sent.stock = {};
    for (const input of changed.filter((control) => control.dataset.stock)) {
      sent.stock[input.dataset.stock] = { counted: input.value, seen: input.defaultValue };
    }
    return sent;
  }

  // Resolves to whether everything in the tab is stored now.
  async save() {
    if (this.isSaving) return false;
    this.clearErrors();
    const body = {
      rows: this.rows()
        .map((row) => this.collect(row))
        .filter(Boolean),
    };
    const tax = this.root.querySelector("[data-tax-class]");
    if (isChanged(tax)) Object.assign(body, { tax_class: tax.value, tax_seen: storedOf(tax) });
    if (!body.rows.length && !body.tax_class) {
      this.say(this.root.dataset.textNone);
      return true;
    }
    this.say(this.root.dataset.textSaving);
    this.setSaving(true);
    try {
      return await this.answer(await this.post(body));
    } catch {
      return this.say(this.root.dataset.textFailed, true);
    } finally {
      this.setSaving(false);
    }
  }

  // What is typed while a request is under way would be lost when the answer is drawn.
  setSaving(isSaving) {
    this.isSaving = isSaving;
    if (isSaving && this.root.contains(document.activeElement)) this.toFocus = document.activeElement;
    for (const part of this.root.children) if (!part.matches("[data-variants-bar]")) part.inert = isSaving;
    for (const button of this.root.querySelectorAll("[data-variants-bar] button")) button.disabled = isSaving;
    if (isSaving) return;
    this.toFocus?.focus();
    this.toFocus = null;
  }

  // An answer may be lost on the way: the same figures go again with the same key, and the shop saves them once.
  async post(body) {
    const figures = JSON.stringify(body);
    if (this.unanswered?.figures !== figures) this.unanswered = { figures, press: newKey() };
    const sent = { ...body, press: this.unanswered.press };
    const response = await this.attempt(sent).catch(() => pause(AGAIN_MS).then(() => this.attempt(sent)));
    this.unanswered = null;
    return response;
  }

  attempt(body) {
    return fetch(this.root.dataset.address, {
      method: "POST",
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken(), "X-Requested-With": "XMLHttpRequest" },
      body: JSON.stringify(body),
    });
  }

  async answer(response) {
    const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
    if (response.redirected || !isJson) return this.say(this.root.dataset.textSignedOut, true);
    const data = await response.json();
    if (response.ok) {
      this.slot.innerHTML = data.html;
      this.toFocus = this.root.querySelector(SAVE);
      return this.say(data.message);
    }
    if (data.tax_class) setStored(this.root.querySelector("[data-tax-class]"), String(data.tax_class));
    const refused = Object.entries(data.rows ?? {}).map(([key, fields]) => [
      this.rows().find((row) => row.dataset.key === key),
      fields,
    ]);
    for (const [row, fields] of refused) if (row) this.showErrors(row, fields, data.now?.[row.dataset.key]);
    this.toFocus = this.root.querySelector("[aria-invalid]") ?? this.root.querySelector(SAVE);
    return this.say(data.message, true);
  }

  showErrors(row, fields, stored) {
    for (const [name, message] of Object.entries(fields)) {
      const control = controlOf(row, name);
      if (control) this.mark(control, `sku-error-${row.dataset.key}-${name}`, message);
      else row.querySelector("legend").after(this.note(`sku-error-${row.dataset.key}-${name}`, message));
    }
    if (!stored) return;
    row.dataset.version = stored.version;
    for (const [control, now] of showStored(row, stored.fields)) {
      const text = this.root.dataset.textNow.replace("{figure}", now);
      this.mark(control, `sku-now-${row.dataset.key}-${control.dataset.field}`, text);
    }
  }

  note(id, message) {
    const note = document.createElement("span");
    note.className = "z-field__error";
    note.id = id;
    note.textContent = message;
    return note;
  }

  mark(control, id, message) {
    control.closest("details")?.setAttribute("open", "");
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", [control.getAttribute("aria-describedby"), id].filter(Boolean).join(" "));
    control.after(this.note(id, message));
  }

  clearErrors(part = this.root) {
    for (const note of part.querySelectorAll(".z-field__error")) note.remove();
    for (const control of part.querySelectorAll("[aria-invalid]")) {
      control.removeAttribute("aria-invalid");
      control.removeAttribute("aria-describedby");
    }
  }

  // Returns whether what it says is good news.
  say(message, isBad = false) {
    const status = this.root?.querySelector("[data-variants-status]");
    status?.classList.toggle("z-variants__status--bad", isBad);
    if (status) status.textContent = message;
    return !isBad;
  }

  async mountAfterFirstSave(event) {
    const pk = event.detail?.response?.pk;
    if (this.root || !pk || this.slot.querySelector(".z-variants--read")) return;
    const address = this.slot.dataset.address.replace("/0/", `/${pk}/`);
    this.slot.dataset.address = address;
    const response = await fetch(`${address}?fragment=1`);
    if (response.ok && !response.redirected) this.slot.innerHTML = await response.text();
  }
}

const mount = () => {
  const slot = document.querySelector("[data-variants-slot]");
  if (slot && !slot.dataset.mounted) {
    slot.dataset.mounted = "1";
    const variants = new Variants(slot);
    new Combinations(variants);
    new PageForm(variants);
  }
};

mount();
