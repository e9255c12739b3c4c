/* Light, dark, or follow the system. */
const root = document.documentElement;

export class ThemeSwitch {
  static selector = "[data-theme-switch]";

  constructor(box) {
    this.buttons = [...box.querySelectorAll("[data-set-theme]")];
    this.buttons.forEach((button) => button.addEventListener("click", () => this.choose(button.dataset.setTheme)));
    window.addEventListener("pageshow", () => this.show());
    this.show();
  }

  choose(theme) {
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    try {
      localStorage.setItem("theme", theme);
    } catch {
      /* private mode */
    }
    this.show();
  }

  show() {
    const now = root.dataset.theme || "auto";
    this.buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.setTheme === now)));
  }
}
