"""Every address of the site, with plausible values for its arguments."""

import uuid
from collections.abc import Iterator

from django.urls import Resolver404, URLResolver, get_resolver, resolve
from django.utils.regex_helper import normalize

# Tried in turn: a number, a QR code's secret, a UUID, a word.
FILLINGS = ("1", "0123456789abcdefghjkmnpqrs", str(uuid.UUID(int=1)), "common", "en")


def every_address() -> list[str]:
    """Return one path for each pattern of the resolver that can be reached."""
    return sorted({path for path in _filled(get_resolver(), "") if path})


def _filled(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        regex = prefix + entry.pattern.regex.pattern.lstrip("^")
        if isinstance(entry, URLResolver):
            yield from _filled(entry, regex.removesuffix("\\Z"))
        else:
            yield _reach(regex, entry.callback)


def _reach(regex: str, view: object) -> str:
    """Return a path that resolves to the view, or None if an earlier pattern matches all of them."""
    for template, names in normalize(regex):
        for filling in FILLINGS:
            path = "/" + template % dict.fromkeys(names, filling)
            try:
                if resolve(path).func is view:
                    return path
            except Resolver404:
                continue
    return ""
