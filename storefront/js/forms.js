/* Small behaviours of forms and pages. */

/* A form to be sent once: a second press on a slow page does nothing. After coming back it can be sent again. */
export class Once {
  static selector = "form[data-once]";

  constructor(form) {
    form.addEventListener("submit", (event) => {
      if (form.classList.contains("busy")) event.preventDefault();
      form.classList.add("busy");
    });
    window.addEventListener("pageshow", () => form.classList.remove("busy"));
  }
}

export class ShowPassword {
  static selector = "[data-show-password]";

  constructor(button) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const field = document.getElementById(button.getAttribute("aria-controls"));
      const isShown = field.type === "text";
      field.type = isShown ? "password" : "text";
      button.setAttribute("aria-pressed", String(!isShown));
    });
  }
}

export class Print {
  static selector = "body";

  constructor(body) {
    body.addEventListener("click", (event) => {
      if (event.target.closest("[data-print]")) print();
    });
  }
}

/* An element to read first, such as the summary of errors. */
export class Focus {
  static selector = "[data-focus]";

  constructor(node) {
    node.focus();
  }
}
