"""Bytes of a first view: the page, its one stylesheet and its scripts, as they are sent to a browser."""

import re
from dataclasses import dataclass

from bench.client import Visitor

_STYLE = re.compile(r'<link rel="stylesheet" href="([^"]+)"')
_SCRIPT = re.compile(r'<script[^>]* src="([^"]+)"')
_IMPORT = re.compile(r'(?:from|import) ?["\']([^"\']+\.js)["\']')


@dataclass(frozen=True)
class Weights:
    """Bytes as sent; `files` names stylesheets and scripts."""

    html: int
    css: int
    js: int
    files: tuple[str, ...]


def weights(port: int, path: str) -> Weights:
    """Return what a browser loads for a page, pictures and fonts aside."""
    visitor = Visitor(port)
    page = visitor.ask("GET", path)
    styles, scripts = _STYLE.findall(page.text), _SCRIPT.findall(page.text)
    css = sum(visitor.ask("GET", address).sent for address in styles)
    js, waiting, seen = 0, list(scripts), set()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        script = visitor.ask("GET", address)
        js += script.sent
        folder = address.rpartition("/")[0]
        waiting += [f"{folder}/{name.removeprefix('./')}" for name in _IMPORT.findall(script.text)]
    return Weights(page.sent, css, js, (*styles, *sorted(seen)))
