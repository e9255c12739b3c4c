"""A browser or app in plain words, from what it says of itself in `User-Agent`."""

import re

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.typed_text import clean_text

# The first that is named counts: each of the later ones is named by those before it, too.
BROWSERS = (
    (re.compile(r"\bEdgA?(iOS)?/"), "Edge"),
    (re.compile(r"\b(OPR|Opera|OPT)/"), "Opera"),
    (re.compile(r"\bSamsungBrowser/"), "Samsung Internet"),
    (re.compile(r"\bYaBrowser/"), "Yandex Browser"),
    (re.compile(r"\b(Firefox|FxiOS)/"), "Firefox"),
    (re.compile(r"\b(Chrome|CriOS|Chromium|HeadlessChrome)/"), "Chrome"),
    (re.compile(r"\bSafari/"), "Safari"),
)
SYSTEMS = (
    (re.compile(r"\biPhone\b"), _("on an iPhone")),
    (re.compile(r"\biPad\b"), _("on an iPad")),
    (re.compile(r"\bAndroid\b"), _("on Android")),
    (re.compile(r"\bWindows\b"), _("on Windows")),
    (re.compile(r"\b(Macintosh|Mac OS X)\b"), _("on a Mac")),
    (re.compile(r"\bCrOS\b"), _("on a Chromebook")),
    (re.compile(r"\b(Linux|X11)\b"), _("on Linux")),
)
_PRODUCT = re.compile(r"[\w .+-]{1,40}")


def browser_words(text: str) -> str:
    """Return what a browser is, such as “Firefox on Windows”."""
    browser = next((name for pattern, name in BROWSERS if pattern.search(text)), "")
    system = next((str(words) for pattern, words in SYSTEMS if pattern.search(text)), "")
    if browser or system:
        return " ".join(part for part in (browser or gettext("A browser"), system) if part)
    return gettext("An unknown device")


def app_words(text: str) -> str:
    """Return what a client of the API is: the name of the product that it sends."""
    named = _PRODUCT.match(clean_text(text).partition("/")[0])
    return gettext("%(name)s, an app") % {"name": named[0].strip()} if named else gettext("An app")
