// Somebody else changed a variant while figures were typed: the stored ones come in, what was typed stays.

import { controlOf, isChanged, setStored, setValue, storedOf } from "./controls.js";

const wordsFor = (control, value) => {
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
      if (control.type !== "checkbox") changed.push([control, wordsFor(control, now)]);
    }
  }
  return changed;
};
