/* Steppers of cart lines: the figure changes at once, the form is sent after a pause. Exact: whole thousandths.
   The server parses typed figures: an ambiguous one (1,250 is 1.25 or 1250) is left to it. */
const REST_MS = 350;
const timers = new Map();

/* Whether something typed or pressed has not been sent yet: redrawing the cart would lose it. */
export const isWaiting = () => timers.size > 0;

const thousandths = (text) => {
  if (/^[1-9]\d{0,2}[.,]\d{3}$/.test(text.trim())) return null;
  const match = /^(\d{1,6})(?:[.,](\d{1,3})0*)?$/.exec(text.trim());
  return match ? Number(match[1]) * 1000 + Number((match[2] ?? "").padEnd(3, "0")) : null;
};

const written = (number) => {
  const rest = String(number % 1000)
    .padStart(3, "0")
    .replace(/0+$/, "");
  const text = rest ? `${Math.floor(number / 1000)}.${rest}` : String(Math.floor(number / 1000));
  return thousandths(text) === null ? `${text}0` : text;
};

function forget(form) {
  clearTimeout(timers.get(form));
  timers.delete(form);
}

function sendLater(form) {
  forget(form);
  timers.set(
    form,
    setTimeout(() => {
      forget(form);
      form.requestSubmit();
    }, REST_MS),
  );
}

export class Steppers {
  static selector = "body";

  constructor(body) {
    body.addEventListener("click", (event) => {
      const button = event.target.closest("[data-stepper] [data-by]");
      if (button && this.press(button)) event.preventDefault();
    });
    body.addEventListener("change", (event) => {
      const field = event.target.closest("[data-cart-form] [name=quantity]");
      if (field) sendLater(field.form);
    });
    // However the form is sent, pending changes go with it.
    body.addEventListener("submit", (event) => forget(event.target), { capture: true });
  }

  /* Return whether the press was handled here; otherwise the button posts its form. */
  press(button) {
    const box = button.closest("[data-stepper]");
    const field = box.querySelector("[name=quantity]");
    const now = field ? thousandths(field.value) : null;
    if (now === null) return false;
    const most = thousandths(box.dataset.most) ?? Infinity;
    const step = thousandths(box.dataset.step);
    const next = now + Number(button.dataset.by) * step;
    if (next < thousandths(box.dataset.least)) {
      button.value = "0";
      return false;
    }
    if (next <= most) {
      field.value = written(next);
      box.querySelector("[data-by='1']").disabled = next + step > most;
      sendLater(field.form);
    }
    return true;
  }
}
