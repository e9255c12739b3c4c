// The tab "Variants, prices and stock": its inputs belong to a form of their own, so that neither
// autosave nor Publish sends them. Saving is one explicit request; refusals stay on the page.

import { Combinations } from "./combinations.js";
import { counted } from "./counted.js";

const FORM_ID = "sku-form";
const TERMS = ["code", "unit", "step", "min_quantity", "max_quantity", "net_amount", "net_unit", "barcode", "supplier"];

const csrfToken = () => JSON.parse(document.getElementById("wagtail-config").textContent).CSRF_TOKEN;

const isChanged = (control) => {
  if (control.type === "checkbox") return control.checked !== control.defaultChecked;
  if (control.tagName !== "SELECT") return control.value !== control.defaultValue;
  const first = [...control.options].find((option) => option.defaultSelected) ?? control.options[0];
  return control.value !== (first ? first.value : "");
};

class Variants {
  constructor(slot) {
    this.slot = slot;
    this.added = 0;
    slot.addEventListener("click", (event) => this.click(event));
    slot.addEventListener("input", () => this.say(this.isDirty() ? this.root.dataset.textUnsaved : ""));
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
    if (document.getElementById(FORM_ID)) return;
    const form = document.createElement("form");
    form.id = FORM_ID;
    form.noValidate = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
    document.body.append(form);
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
    const drop = event.target.closest("[data-variant-drop]");
    if (drop) {
      drop.closest("[data-variant]").remove();
      this.warnOfMany();
      this.root.querySelector("[data-variant-add]").focus();
    }
    if (event.target.closest("[data-variants-reload]")) this.load(this.root.dataset.address);
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
    const value = (name) => row.querySelector(`[data-field=${name}]`)?.value ?? "";
    const sent = { key: row.dataset.key, version: row.dataset.version };
    if (!isNew) sent.id = row.dataset.id;
    const names = changed.map((control) => control.dataset.field);
    if (isNew || names.some((name) => TERMS.includes(name) || name === "options")) {
      for (const name of TERMS) sent[name] = value(name);
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

  async save() {
    this.clearErrors();
    const body = { rows: this.rows().map((row) => this.collect(row)).filter(Boolean) };
    const tax = this.root.querySelector("[data-tax-class]");
    if (isChanged(tax)) body.tax_class = tax.value;
    if (!body.rows.length && !body.tax_class) return this.say(this.root.dataset.textNone);
    this.say(this.root.dataset.textSaving);
    const button = this.root.querySelector(`[form=${FORM_ID}][type=submit]`);
    button.disabled = true;
    try {
      await this.answer(await this.post(body));
    } catch {
      this.say(this.root.dataset.textFailed, true);
    } finally {
      button.disabled = false;
    }
    return undefined;
  }

  post(body) {
    return fetch(this.root.dataset.address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken(), "X-Requested-With": "XMLHttpRequest" },
      body: JSON.stringify(body),
    });
  }

  async answer(response) {
    const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
    if (response.redirected || !isJson) return this.say(this.root.dataset.textSignedOut, true);
    const data = await response.json();
    if (response.ok) {
      this.draw(data.html);
      this.say(data.message);
      this.root.querySelector(`[form=${FORM_ID}][type=submit]`).focus();
      return undefined;
    }
    this.showErrors(data.rows ?? {});
    this.root.querySelector("[data-variants-reload]").hidden = response.status !== 409;
    return this.say(data.message, true);
  }

  showErrors(rows) {
    let first = null;
    for (const [key, fields] of Object.entries(rows)) {
      const row = this.rows().find((candidate) => candidate.dataset.key === key);
      for (const [name, message] of Object.entries(row ? fields : {})) {
        const control = row.querySelector(`[data-field="${name}"]`) ?? row.querySelector("[data-field=code]");
        control.closest("details")?.setAttribute("open", "");
        this.mark(control, `sku-error-${key}-${name}`, message);
        first ??= control;
      }
    }
    first?.focus();
  }

  mark(control, id, message) {
    const note = document.createElement("span");
    note.className = "z-field__error";
    note.id = id;
    note.textContent = message;
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", id);
    control.after(note);
  }

  clearErrors(part = this.root) {
    for (const note of part.querySelectorAll(".z-field__error")) note.remove();
    for (const control of part.querySelectorAll("[aria-invalid]")) {
      control.removeAttribute("aria-invalid");
      control.removeAttribute("aria-describedby");
    }
  }

  say(message, isBad = false) {
    const status = this.root?.querySelector("[data-variants-status]");
    if (!status) return;
    status.classList.toggle("z-variants__status--bad", isBad);
    status.textContent = message;
  }

  draw(html) {
    this.slot.innerHTML = html;
  }

  async load(address) {
    const response = await fetch(`${address}?fragment=1`);
    if (response.ok && !response.redirected) this.draw(await response.text());
  }

  async mountAfterFirstSave(event) {
    const pk = event.detail?.response?.pk;
    if (this.root || !pk || this.slot.querySelector(".z-variants--read")) return;
    const address = this.slot.dataset.address.replace("/0/", `/${pk}/`);
    this.slot.dataset.address = address;
    await this.load(address);
  }
}

const mount = () => {
  const slot = document.querySelector("[data-variants-slot]");
  if (slot && !slot.dataset.mounted) {
    slot.dataset.mounted = "1";
    new Combinations(new Variants(slot));
  }
};

mount();
