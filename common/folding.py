"""One spelling for comparing words, so that search ignores accents, case and Unicode form.

A pasted title may hold a letter and its accent as two characters; a reader types one, or leaves the accent out.
SQLite and PostgreSQL compare these differently, so both the index and the query go through `fold`.
"""

import functools
import re
import unicodedata

# Accents of Latin, Greek and Cyrillic. Marks of other scripts are part of the letter and stay.
_ACCENTS = re.compile("[\u0300-\u036f]")
# Letters that Unicode does not decompose, with the spelling people use on keyboards without them.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
_WORD = re.compile("\\w[\\w\u0300-\u036f]*")


def fold(text: str) -> str:
    """Return a text as it is compared: creme brulee, чаи, елка for Crème brûlée, чай, Ёлка."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", apart)).casefold().translate(_LETTERS)


# A search compares the names of up to 500 products with the query, and the same names come again and again.
@functools.lru_cache(maxsize=20_000)
def folded_words(text: str) -> tuple[str, ...]:
    """Return the words of a text, folded."""
    return tuple(re.findall(r"\w+", fold(text)))


def word_spans(text: str) -> list[tuple[int, int]]:
    """Return where each word of a text begins and ends, combining accents included."""
    return [found.span() for found in _WORD.finditer(text)]


def with_accents(word: str, end: int) -> int:
    """Return where the letter ending at `end` really ends: after its combining accents."""
    while end < len(word) and _ACCENTS.match(word[end]):
        end += 1
    return end
