"""A real Chromium on a real shop. Every page is watched: console, origins, policy violations."""

import os
import pathlib
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.site import ROOT, LiveShop

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
SHOTS = pathlib.Path(os.environ.get("SHOTS", ROOT / "test-results" / "shots"))
PHONE, DESK = (390, 844), (1280, 900)
FIGURES: list[str] = []
"""Collect measurements; print them at the end."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for figure in FIGURES:
        terminalreporter.write_line(figure)


def chromium() -> str:
    """Return the browser's path; without a browser the tests fail."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.exit("Chromium was not found. Install it (apt-get install chromium) or set CHROMIUM=path.", returncode=3)
    return found


@pytest.fixture(scope="session")
def shop() -> Iterator[LiveShop]:
    """Start the shop; at the end check it for broken invariants and server errors."""
    live = LiveShop()
    try:
        live.start()
        yield live
        broken = live.broken_invariants()
        assert not broken, broken
        assert "Traceback" not in live.logs(), live.logs()[-4000:]
    finally:
        live.stop()


@pytest.fixture(scope="session")
def playwright_driver():
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chrome(playwright_driver) -> Iterator[Browser]:
    """Start one browser for the session; contexts are separate."""
    browser = playwright_driver.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
    yield browser
    browser.close()


class Watch:
    """A collection of things that must not happen on our pages."""

    def __init__(self, shop: LiveShop) -> None:
        self.shop = shop
        self.errors: list[str] = []
        self.expected: set[str] = set()

    def expect(self, status: int, path: str) -> None:
        """Allow an answer that the test causes on purpose."""
        self.expected.add(f"{status} {self.shop.url}{path}")

    def listen(self, page: Page) -> None:
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("pageerror", lambda error: self.errors.append(f"script error: {error}"))
        page.on("request", lambda request: self._origin(request.url))
        page.on("response", self._status)

    def _console(self, kind: str, text: str) -> None:
        if kind == "error" and not text.startswith("Failed to load resource"):
            self.errors.append(f"console: {text}")

    def _origin(self, url: str) -> None:
        if not url.startswith((self.shop.url, self.shop.bank_url, "data:", "blob:", "about:")):
            self.errors.append(f"foreign origin: {url}")

    def _status(self, response) -> None:
        is_part = response.request.resource_type not in ("document", "fetch")
        answer = f"{response.status} {response.url}"
        if response.status >= (400 if is_part else 500) and answer not in self.expected:
            self.errors.append(answer)


Open = Callable[..., Page]


@pytest.fixture
def watch(shop: LiveShop) -> Watch:
    """Collect faults on the pages of a test; `open_page` checks them at its end."""
    return Watch(shop)


@pytest.fixture
def open_page(chrome: Browser, watch: Watch) -> Iterator[Open]:
    """Return a function that opens a page for a new visitor: width, theme, with or without scripts."""
    contexts: list[BrowserContext] = []

    def opened(size: tuple[int, int] = DESK, theme: str = "light", scripts: bool = True) -> Page:
        context = chrome.new_context(
            base_url=watch.shop.url,
            viewport={"width": size[0], "height": size[1]},
            color_scheme=theme,
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        watch.listen(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not watch.errors, watch.errors


def shoot(page: Page, name: str, full: bool = True) -> None:
    """Save a screenshot of the page."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=full)
