"""Requirements of every page: no violation found by axe, no sideways scrolling, one h1, no stray spaces."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import shoot

AXE_OPTIONS = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "rules": {"target-size": {"enabled": True}},
}

# A line break in a template between a word and its comma becomes a space on the page.
STRAY = re.compile(r"[^\n]{0,25}\w [,.;:!?)](?!\d)[^\n]{0,20}")


def check(page: Page, name: str, full: bool = True) -> None:
    """Check the page with axe, save a screenshot, and check that nothing overflows sideways."""
    if full:
        stretch(page)
    shoot(page, name, full)
    sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert sideways <= 0, f"{name}: scrolls sideways by {sideways} px"
    stray = STRAY.findall(page.locator("body").inner_text())
    assert not stray, f"{name}: white space before punctuation in {stray[:4]}"
    found = Axe().run(page, options=AXE_OPTIONS).response["violations"]
    assert not found, [(rule["id"], [node["html"][:200] for node in rule["nodes"]][:4]) for rule in found]
    assert page.locator("h1").count() == 1, f"{name}: one h1"


def stretch(page: Page) -> None:
    """Make the window as high as the page, so that nothing is hidden under a sticky bar until one scrolls."""
    height = page.evaluate("document.documentElement.scrollHeight")
    size = page.viewport_size
    if height > size["height"]:
        page.set_viewport_size({"width": size["width"], "height": height})
