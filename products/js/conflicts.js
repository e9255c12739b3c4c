// Somebody else changed a variant while figures were typed: the stored ones come in, what was typed stays.

import { controlOf, isChanged, setStored, setValue, storedOf } from "./controls.js";

const wordsFor = (control, value) => {
  if (control.type === "checkbox") return value ? control.dataset.textOn : control.dataset.textOff;
  if (control.tagName !== "SELECT") return value || "–";
  return [...control.options].find((option) => option.value === value)?.text.trim() || "–";
};

// Takes the stored texts by name; returns [control, words of what is stored] for each that differs from what was seen.
export const showStored = (row, fields) => {
  const changed = [];
  for (const [name, now] of Object.entries(fields)) {
    const control = controlOf(row, name);
    if (control && storedOf(control) !== now) {
      const isTyped = isChanged(control);
      setStored(control, now);
      if (!isTyped) setValue(control, now);
      changed.push([control, wordsFor(control, now)]);
    }
  }
  // A price to come has no control of its own: it is said beside the price.
  if (fields.planned !== undefined && fields.planned !== row.dataset.planned) {
    row.dataset.planned = fields.planned;
    changed.push([controlOf(row, "price"), fields.planned || "–"]);
  }
  return changed;
};
