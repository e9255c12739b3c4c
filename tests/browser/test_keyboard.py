"""A purchase by keyboard alone: the focus is visible at every stop, and there are not too many stops."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, FIGURES, shoot
from tests.browser.steps import BUYER, number_of

MOST_PRESSES = 120
# The focus shows as an outline of the element, or of the label or part next to it that represents it.
FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body || at === document.documentElement) return {none: true};
  const shows = (node, part = null) => {
    if (!node) return false;
    const style = getComputedStyle(node, part);
    const drawn = style.outlineStyle !== 'none' && style.outlineColor !== 'rgba(0, 0, 0, 0)';
    return drawn && parseFloat(style.outlineWidth) >= 2;
  };
  const shown = [at, at.nextElementSibling, at.parentElement, at.closest('label'), at.closest('.search'),
    at.closest('article'), at.closest('.choice')]
    .find((node) => shows(node)) ?? (shows(at, '::after') ? at : null);
  const box = (shown ?? at).getBoundingClientRect();
  const inside = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  return {
    html: at.outerHTML.slice(0, 160),
    text: (at.getAttribute('aria-label') || at.textContent).trim().replace(/\\s+/g, ' '),
    name: at.name || '', value: at.value || '', visible: Boolean(shown) && inside && box.width > 3 && box.height > 3,
  };
}"""


class Keyboard:
    """A keyboard that counts key presses and checks the focus after each."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.presses = 0

    def press(self, key: str) -> dict:
        """Press a key that moves the focus; its new place must be visible."""
        self.hit(key)
        at = self.page.evaluate(FOCUS)
        assert at.get("none") or at["visible"], f"the focus cannot be seen on {self.page.url}: {at['html']}"
        return at

    def hit(self, key: str) -> None:
        """Press a key that may lead to another page."""
        self.presses += 1
        self.page.keyboard.press(key)

    def to(self, key: str, **wanted: str) -> None:
        """Press `key` until the focused element matches every pattern of `wanted` (text, name, value)."""
        for _ in range(60):
            at = self.press(key)
            if not at.get("none") and all(re.search(pattern, at[part]) for part, pattern in wanted.items()):
                return
        raise AssertionError(f"{wanted} cannot be reached with {key} on {self.page.url}")

    def write(self, text: str) -> None:
        """Type text into the focused field."""
        self.presses += len(text)
        self.page.keyboard.type(text)


def test_purchase_by_keyboard_alone(open_page):
    page = open_page(DESK)
    keys = Keyboard(page)
    page.goto("/")

    keys.to("Tab", name="^q$")
    keys.write("baguette")
    keys.hit("Enter")
    page.wait_for_url("**/search/**")
    keys.to("Tab", text="^Skip")
    keys.press("Enter")
    keys.to("Tab", text="^Add Baguette$")
    keys.hit("Enter")
    expect(page.locator("[data-cart-count]").first).to_have_text("1")
    assert page.evaluate(FOCUS)["visible"], "the stepper takes over the focus of the button"
    keys.hit("Space")
    expect(page.locator(".card").first.locator("[data-n]")).to_have_text("2")
    keys.to("Shift+Tab", text="^Cart")
    keys.hit("Enter")
    expect(page.locator("dialog[open]").get_by_role("link", name="Check out")).to_be_visible()
    keys.to("Tab", text="^Check out$")
    shoot(page, "keyboard-drawer", full=False)
    keys.hit("Enter")
    page.wait_for_url("**/checkout/")
    check_out(keys)
    expect(page.locator("h1")).to_be_visible()
    number_of(page)

    FIGURES.append(f"A purchase by keyboard alone: {keys.presses} key presses")
    assert keys.presses <= MOST_PRESSES


def check_out(keys: Keyboard) -> None:
    """Go from the top of the checkout to the press of its button."""
    keys.to("Tab", name="^shop$")
    keys.press("ArrowDown")
    keys.press("ArrowUp")
    for name, text in BUYER.items():
        keys.to("Tab", name=f"^{name}$")
        keys.write(text.replace(" ", "") if name == "phone" else text)
    keys.to("Tab", name="^payment_method$")
    at = keys.press("ArrowDown")
    if at["value"] != "on_collection":
        keys.press("ArrowUp")
    keys.to("Tab", text="^Place order")
    shoot(keys.page, "keyboard-checkout", full=False)
    keys.hit("Enter")


def test_an_invisible_focus_is_detected(open_page):
    page = open_page(DESK)
    page.goto("/")
    page.evaluate("document.styleSheets[0].insertRule('*, *::after { outline: 0 !important }', 0)")

    with pytest.raises(AssertionError, match="cannot be seen"):
        Keyboard(page).to("Tab", name="^q$")
