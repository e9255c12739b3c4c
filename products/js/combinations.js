// "Make combinations" of the tab "Variants, prices and stock": ticked values become rows that are not saved yet.
// Its controls carry no data-field, so the tab's own Save does not send them either.

import { counted } from "./counted.js";

const MOST_NEW_ROWS = 100;
const ARTICLE_LENGTH = 64;
const BEGINNING = /^[A-Z0-9][A-Z0-9._-]*$/;

const keyOf = (options) =>
  options
    .map(([attribute, value]) => `${attribute}=${value}`)
    .sort()
    .join("&");

const optionsOf = (row) =>
  [...row.querySelectorAll("[data-option]")]
    .filter((select) => select.value)
    .map((select) => [select.dataset.option, select.value]);

const articleOf = (row) => row.querySelector("[data-field=code]").value.trim().toUpperCase();

// Returns "" where no article can be made: it is typed by hand then.
const articleFor = (beginning, codes, taken) => {
  for (let number = 1; beginning; number += 1) {
    const ending = ["", ...codes, ...(number > 1 ? [number] : [])].join("-").toUpperCase();
    if (ending.length >= ARTICLE_LENGTH) return "";
    const article = beginning.slice(0, ARTICLE_LENGTH - ending.length) + ending;
    if (!taken.has(article)) return article;
  }
  return "";
};

export class Combinations {
  constructor(variants) {
    this.variants = variants;
    const { slot } = variants;
    slot.addEventListener("click", (event) => {
      if (event.target.closest("[data-combine-add]")) this.add();
      else this.showCount();
    });
    slot.addEventListener("input", () => this.showCount());
    slot.addEventListener("keydown", (event) => this.keepEnter(event));
  }

  get box() {
    return this.variants.slot.querySelector("[data-combine]");
  }

  // Enter in an input would send the form it belongs to, which saves the whole tab.
  keepEnter(event) {
    if (event.key !== "Enter" || !event.target.matches("[data-combine] input")) return;
    event.preventDefault();
    if (event.target.type === "text") this.add();
  }

  // One list of [attribute, value, code] for each attribute with a tick.
  ticked() {
    return [...this.box.querySelectorAll("[data-combine-attribute]")]
      .map((set) =>
        [...set.querySelectorAll(":checked")].map((tick) => [
          set.dataset.combineAttribute,
          tick.value,
          tick.dataset.code,
        ]),
      )
      .filter((values) => values.length);
  }

  plan() {
    const groups = this.ticked();
    const total = groups.length ? groups.reduce((product, values) => product * values.length, 1) : 0;
    const rows = this.variants.rows();
    // Whatever is here already, these are too many: do not even make them.
    if (total > MOST_NEW_ROWS + rows.length) return { total, missing: [], isTooMany: true };
    const here = new Set(rows.map((row) => keyOf(optionsOf(row))));
    const grow = (made, values) => made.flatMap((options) => values.map((value) => [...options, value]));
    const missing = total ? groups.reduce(grow, [[]]).filter((options) => !here.has(keyOf(options))) : [];
    const unsaved = rows.filter((row) => !row.dataset.id).length;
    return { total, missing, isTooMany: missing.length > 0 && missing.length + unsaved > MOST_NEW_ROWS };
  }

  showCount() {
    if (!this.box) return;
    const line = this.box.querySelector("[data-combine-count]");
    const text = this.countText(this.plan());
    if (line.textContent !== text) line.textContent = text;
  }

  countText({ total, missing, isTooMany }) {
    const texts = this.box.dataset;
    if (!total) return texts.textNothing;
    if (isTooMany) return texts.textTooMany;
    const made = counted(this.box, "made", total);
    const here = total - missing.length;
    return here ? texts.textBoth.replace("{made}", made).replace("{here}", counted(this.box, "here", here)) : made;
  }

  add() {
    this.variants.clearErrors(this.box);
    const plan = this.plan();
    const texts = this.box.dataset;
    if (!plan.total) return this.variants.say(texts.textNothing, true);
    if (plan.isTooMany) return this.variants.say(texts.textTooMany, true);
    if (!plan.missing.length) return this.variants.say(texts.textAllHere, true);
    const beginning = this.read("beginning", (text) => text && !BEGINNING.test(text) && texts.textBadBeginning);
    const price = this.read("price", (text) => !text && texts.textNoPrice);
    if (beginning === null || price === null) {
      this.box.querySelector("[aria-invalid]").focus();
      return undefined;
    }
    return this.addRows(plan.missing, beginning.replace(/-+$/, ""), price);
  }

  // Returns what an input holds, or null with a sentence beside it when `wrong` gives one.
  read(name, wrong) {
    const input = this.box.querySelector(`[data-combine-${name}]`);
    const text = input.value.trim().toUpperCase();
    const sentence = wrong(text);
    if (!sentence) return text;
    this.variants.mark(input, `combine-${name}-error`, sentence);
    return null;
  }

  // Ticks what has no options as archived: buyers choose by options, it would be hidden beside these.
  archivePlain() {
    const plain = this.variants.rows().filter((row) => row.dataset.id && !optionsOf(row).length);
    const ticks = plain.map((row) => row.querySelector("[data-field=archived]")).filter((tick) => !tick.checked);
    for (const tick of ticks) tick.checked = true;
    return ticks.length > 0;
  }

  addRows(missing, beginning, price) {
    const isPlainArchived = this.archivePlain();
    const taken = new Set(this.variants.rows().map(articleOf));
    const added = missing.map((options) => {
      const article = articleFor(
        beginning,
        options.map(([, , code]) => code),
        taken,
      );
      taken.add(article);
      return this.fill(this.variants.addRow(), options, { code: article, price });
    });
    this.showCount();
    const texts = this.box.dataset;
    const said = texts.textAdded.replace("{rows}", counted(this.box, "added", added.length));
    this.variants.say(isPlainArchived ? `${said} ${texts.textArchived}` : said);
    added[0].querySelector("[data-field=code]").focus();
  }

  fill(row, options, fields) {
    const priceField = row.querySelector("[data-field=price]").closest("label");
    for (const [attribute, value] of options) {
      const select = row.querySelector(`[data-option="${attribute}"]`);
      select.value = value;
      // An attribute that no variant had so far stands under "More": what tells these rows apart is to be seen.
      if (select.closest("details")) priceField.before(select.closest("label"));
    }
    for (const [name, text] of Object.entries(fields)) row.querySelector(`[data-field="${name}"]`).value = text;
    return row;
  }
}
