"""What a browser loads: little at the first view of the home page, nothing but the page at the second."""

from dataclasses import dataclass, field
from typing import Any
from urllib.request import Request, urlopen

from playwright.sync_api import Browser

from tests.browser.conftest import FIGURES, PHONE
from tests.browser.site import LiveShop

# Bytes as they are sent, gzipped.
MOST = {"Stylesheet": 14_000, "Script": 12_000}
HTML = 8_192


@dataclass
class Loads:
    """Answers by request, from the browser's own log."""

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    bodies: dict[str, int] = field(default_factory=dict)

    def listen(self, page) -> None:
        log = page.context.new_cdp_session(page)
        log.send("Network.enable")
        log.on("Network.responseReceived", lambda event: self.answers.update({event["requestId"]: event}))
        log.on("Network.requestServedFromCache", lambda event: self.kept.add(event["requestId"]))
        log.on("Network.dataReceived", self._add)

    def _add(self, event: dict[str, Any]) -> None:
        pk = event["requestId"]
        self.bodies[pk] = self.bodies.get(pk, 0) + event["encodedDataLength"]

    def sent(self) -> dict[str, str]:
        """Return {address: type} of what came from the shop and not from the browser's cache."""
        return {
            event["response"]["url"]: event["type"]
            for pk, event in self.answers.items()
            if pk not in self.kept and not event["response"].get("fromDiskCache")
        }

    def weights(self) -> dict[str, int]:
        """Return {type: bytes of the bodies}."""
        found: dict[str, int] = {}
        for pk, event in self.answers.items():
            found[event["type"]] = found.get(event["type"], 0) + self.bodies.get(pk, 0)
        return found


def test_the_second_view_of_the_home_page_loads_no_picture_again(shop: LiveShop, chrome: Browser):
    context = chrome.new_context(viewport={"width": PHONE[0], "height": PHONE[1]})
    page = context.new_page()
    first, second = Loads(), Loads()
    first.listen(page)
    page.goto(f"{shop.url}/", wait_until="networkidle")
    weights = first.weights()
    second.listen(page)
    page.goto(f"{shop.url}/", wait_until="networkidle")
    context.close()

    with urlopen(Request(f"{shop.url}/", headers={"Accept-Encoding": "gzip"})) as answer:
        html = len(answer.read())

    FIGURES.append(f"First view of the home page: HTML {html}, {weights}")
    assert html <= HTML
    assert {name: weights.get(name, 0) for name, most in MOST.items() if weights.get(name, 0) > most} == {}
    assert "Image" in first.sent().values()
    assert set(second.sent()) == {f"{shop.url}/"}
