// Controls of the tab "Variants, prices and stock": what was stored is their default, what is typed their value.

export const isChanged = (control) => valueOf(control) !== storedOf(control);

export const valueOf = (control) => (control.type === "checkbox" ? (control.checked ? "on" : "") : control.value);

export const storedOf = (control) => {
  if (control.type === "checkbox") return control.defaultChecked ? "on" : "";
  if (control.tagName !== "SELECT") return control.defaultValue;
  const first = [...control.options].find((option) => option.defaultSelected) ?? control.options[0];
  return first ? first.value : "";
};

// Changes what is stored; what is typed stays.
export const setStored = (control, stored) => {
  const typed = valueOf(control);
  if (control.type === "checkbox") control.defaultChecked = stored === "on";
  else if (control.tagName !== "SELECT") control.defaultValue = stored;
  else for (const option of control.options) option.defaultSelected = option.value === stored;
  setValue(control, typed);
};

export const setValue = (control, value) => {
  if (control.type === "checkbox") control.checked = value === "on";
  else control.value = value;
};

// Options of a variant share the field "options": the answer names them by attribute.
export const controlOf = (row, name) =>
  row.querySelector(name.startsWith("option_") ? `[data-option="${name.slice(7)}"]` : `[data-field="${name}"]`);
