"""The fonts of documents, and the one rule for characters that they lack.

A name may hold anything that people type. Printed is what its font can draw: control, format and other invisible
characters are dropped, every space but the no-break one becomes a plain one, a letter or figure that the font lacks is
transliterated, and each run of other signs that it lacks, such as emoji, becomes one question mark.
"""

import unicodedata
from functools import cache
from pathlib import Path

from anyascii import anyascii
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

TEXT, STRONG, DISPLAY = "golos-text-400", "golos-text-600", "sofia-xcond-800"
MISSING = "?"
_FOLDER = Path(__file__).parent / "fonts"
_NO_BREAK = "\u00a0"
_NO_BREAK_SPACES = frozenset("\u00a0\u2007\u202f")
_LINE_ENDS = frozenset("\t\n\r\x0b\x0c\x85")


@cache
def font(name: str) -> TTFont:
    """Return a font, known to the PDF library under its name."""
    loaded = TTFont(name, _FOLDER / f"{name}.ttf")
    pdfmetrics.registerFont(loaded)
    return loaded


def width(text: str, name: str, size: float) -> float:
    """Return the width of printable text in points."""
    return font(name).stringWidth(text, size)


def printable(text: str, name: str = TEXT) -> str:
    """Return a text on one line that the font can print, by the rule above; "" if nothing of it can be shown."""
    known: dict[int, int] = font(name).face.charToGlyph
    shown: list[str] = []
    for letter in unicodedata.normalize("NFC", text):
        part = _shown(letter, known)
        if part is not None:
            shown += part
        elif shown[-1:] != [MISSING]:
            shown.append(MISSING)
    return " ".join(word for word in "".join(shown).split(" ") if word)


def _shown(letter: str, known: dict[int, int]) -> str | None:
    """Return what stands for a character: "" for one that is dropped, None for one that cannot be printed."""
    kind = unicodedata.category(letter)
    if letter in _NO_BREAK_SPACES:
        return _NO_BREAK
    if letter in _LINE_ENDS or kind[0] == "Z":
        return " "
    # Some of these have a glyph that shows nothing.
    if kind[0] == "C":
        return ""
    if ord(letter) in known:
        return letter
    if kind[0] == "M":
        return ""
    latin = anyascii(letter) if kind[0] in "LN" else ""
    return latin if latin and all(ord(one) in known for one in latin) else None


def wrap(text: str, name: str, size: float, most: float) -> list[str]:
    """Break a text into printable lines of at most `most` points, between words, or inside one that is too long."""
    lines, current = [], ""
    for word in printable(text, name).split(" "):
        longer = f"{current} {word}" if current else word
        if width(longer, name, size) <= most:
            current = longer
            continue
        if current:
            lines.append(current)
        *whole, current = _pieces(word, name, size, most)
        lines += whole
    return [*lines, current] if current else lines


def _pieces(word: str, name: str, size: float, most: float) -> list[str]:
    pieces, used = [""], 0.0
    for letter in word:
        step = width(letter, name, size)
        if pieces[-1] and used + step > most:
            pieces.append("")
            used = 0.0
        pieces[-1] += letter
        used += step
    return pieces
