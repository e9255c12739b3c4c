"""One spelling for comparing words: what is found does not depend on accents, case or the form of Unicode.

A title that was pasted may hold a letter and its accent apart; a reader types both in one character, or leaves the
accent out. SQLite and PostgreSQL compare each in its own way, so both the index and the query go through `fold`.
"""

import re
import unicodedata

# Accents of Latin, Greek and Cyrillic. Marks of other scripts are part of the letter and stay.
_ACCENTS = re.compile("[\u0300-\u036f]")
# Letters that people without them type otherwise, and that Unicode does not take apart.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
_WORD = re.compile("\\w[\\w\u0300-\u036f]*")


def fold(text: str) -> str:
    """Return a text as it is compared: creme brulee, чаи, елка for Crème brûlée, чай, Ёлка."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", apart)).casefold().translate(_LETTERS)


def folded_words(text: str) -> list[str]:
    """Return the words of a text, folded."""
    return re.findall(r"\w+", fold(text))


def word_spans(text: str) -> list[tuple[int, int]]:
    """Return where each word of a text begins and ends, accents that stand apart included."""
    return [found.span() for found in _WORD.finditer(text)]


def with_accents(word: str, end: int) -> int:
    """Return where the letter that ends at `end` really ends: behind the accents that stand apart from it."""
    while end < len(word) and _ACCENTS.match(word[end]):
        end += 1
    return end
