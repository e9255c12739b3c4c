"""The one cleaner of text that people type, paste or scan: invisible characters do not count.

Copied web pages, chats and keyboards leave zero-width spaces, byte-order marks and direction marks behind. In an
identifier they make two spellings of one thing; in a name they can reverse the text shown beside it.
"""

import re
import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

# In place of "Ensure this value has at most".
TOO_LONG = _("Use at most %(limit_value)d characters; there are %(show_value)d now.")

# Invisible although they are letters, marks or spaces: soft joiners, fillers, variation selectors, tags.
_IGNORED = "\u034f\u2800\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\ufe00-\ufe0f\U000e0000-\U000e0fff"
_FILLERS = re.compile(f"[{_IGNORED}]")
# Joiners and variation selectors belong to words of many languages and to emoji: names and notes keep them.
_KEPT_IN_WORDS = frozenset("\u200c\u200d")
_LINE = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")


def clean_identifier(text: object) -> str:
    """Return a typed identifier (email, phone, article, number, code) in NFKC without invisible characters.

    Format and control characters and outer spaces are removed; inner spaces and case are left to the caller.
    """
    plain = _FILLERS.sub("", unicodedata.normalize("NFKC", str(text if text is not None else "")))
    # Tabs and line ends are control characters too, but they separate words.
    plain = re.sub(r"[\t\n\r\x0b\x0c\x85]", " ", plain)
    return "".join(letter for letter in plain if unicodedata.category(letter) not in ("Cf", "Cc")).strip()


def clean_text(text: object) -> str:
    """Return a name or note that is safe to show beside other text: no characters that reverse or hide it.

    Line breaks are kept as single line feeds; joiners within words stay.
    """
    lines = _LINE.sub("\n", str(text if text is not None else ""))
    return "".join(letter for letter in lines if _is_shown(letter)).strip()


def clean_name(text: object) -> str:
    """Return a name on one line, as `clean_text` cleans it; "" for one that shows nothing, such as a filler."""
    name = " ".join(clean_text(text).split())
    return name if any(unicodedata.category(letter)[0] in "LNPS" for letter in _FILLERS.sub("", name)) else ""


def _is_shown(letter: str) -> bool:
    if letter in "\n\t" or letter in _KEPT_IN_WORDS:
        return True
    return unicodedata.category(letter) not in ("Cf", "Cc")


class IdentifierField(forms.CharField):
    """A form field for an identifier."""

    default_error_messages = {"max_length": TOO_LONG}

    def to_python(self, value: Any) -> str | None:
        return super().to_python(clean_identifier(value))


class TextField(forms.CharField):
    """A form field for a name or a note."""

    default_error_messages = {"max_length": TOO_LONG}

    def to_python(self, value: Any) -> str | None:
        return super().to_python(clean_text(value))


class NameField(forms.CharField):
    """A form field for a name."""

    default_error_messages = {"max_length": TOO_LONG}

    def to_python(self, value: Any) -> str | None:
        return super().to_python(clean_name(value))
