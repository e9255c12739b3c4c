"""Finding products: an article exactly, then full text over name, texts and articles, then whole categories."""

from collections.abc import Iterable, Sequence

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from common.folding import fold, folded_words, with_accents, word_spans
from common.page_changes.feed import shows
from common.page_changes.watches import FACETS, MEMBERS, TEXTS
from common.typed_text import clean_identifier
from products.catalogue.categories import CategoryTree
from search.candidates import MAX_HITS, Candidate, Kind, beginning_so, in_categories, read, with_article, with_words

MAX_QUERY = 200
MAX_WORDS = 12


def normalise(text: str) -> str:
    """Return a query as it is searched and shown: NFKC, printable, one space between words, at most 200 characters."""
    seen = clean_identifier(text[:5000])
    printable = "".join(letter if letter.isprintable() else " " for letter in seen)
    return " ".join(printable.split())[:MAX_QUERY].rstrip()


def words_of(query: str) -> str:
    """Return the words of a query, folded: characters that mean something to a query language are left out."""
    return " ".join(folded_words(query.replace("_", " "))[:MAX_WORDS])


def begins(*, query: str, title: str) -> bool:
    """Return whether every word of a query begins a word of the title; False for a query without words."""
    typed, words = words_of(query).split(), folded_words(title)
    return bool(typed) and all(any(word.startswith(begin) for word in words) for begin in typed)


def marked(*, query: str, title: str) -> SafeString:
    """Return a title as HTML in which what was typed is marked where a word begins with it."""
    typed = sorted(words_of(query).split(), key=len, reverse=True)
    parts, done = [], 0
    for start, end in word_spans(title):
        until = start + _typed_length(title[start:end], typed)
        if until > start:
            parts += [conditional_escape(title[done:start]), format_html("<mark>{}</mark>", title[start:until])]
            done = until
    return format_html_join("", "{}", ((part,) for part in [*parts, conditional_escape(title[done:])]))


def _typed_length(word: str, typed: Sequence[str]) -> int:
    """Return how much of a word of a title was typed, accents that stand apart included; 0 for nothing."""
    begin = next((one for one in typed if fold(word).startswith(one)), "")
    ends = (end for end in range(1, len(word) + 1) if fold(word[:end]).startswith(begin))
    return with_accents(word, next(ends, len(word))) if begin else 0


def find_products(*, query: str, tree: CategoryTree) -> list[int]:
    """Return ids of products that match, best first, at most 500; [] for a query without a letter or a digit.

    An exact article or barcode comes first, then what stands in a category of that name, then what has all words in
    its name, in its texts, in the name of its category. When there is nothing the words may be beginnings.
    Of more than 500 names, and of more texts than fit beside them, any 500 are ranked; of a category, the 2,000 newest.
    """
    words = words_of(query)
    if not words:
        return []
    shows(TEXTS, MEMBERS, FACETS)
    wanted = set(words.split())
    called, having = _categories(tree, wanted)
    found = read(
        [
            with_article(query),
            *in_categories(Kind.CATEGORY, called),
            with_words(words),
            *in_categories(Kind.WORD_OF_CATEGORY, having),
        ]
    )
    # The sort is stable: among equals the best match stays first.
    found.sort(key=lambda hit: (hit.kind, hit.kind == Kind.TEXT and not wanted.issubset(folded_words(hit.title))))
    return _ids(found or read([beginning_so(words)]))[:MAX_HITS]


def suggest(*, query: str, limit: int) -> list[int]:
    """Return ids of the few products whose name or article begins with what was typed so far, best first."""
    words = words_of(query)
    if not words:
        return []
    shows(TEXTS, MEMBERS, FACETS)
    found = read([with_article(query), beginning_so(words)])
    exact = sum(hit.kind == Kind.ARTICLE for hit in found)
    return _ids(found[: exact + limit * 3])


def _categories(tree: CategoryTree, wanted: set[str]) -> tuple[list[int], list[int]]:
    """Return the categories, with those below, that are called so, and those whose name has the words.

    The name in any language counts.
    """
    called = [one for one in tree.all if wanted in one.words]
    having = [one for one in tree.all if one not in called and any(wanted < words for words in one.words)]
    return tree.ids_under(called), tree.ids_under(having)


def _ids(found: Iterable[Candidate]) -> list[int]:
    return list(dict.fromkeys(hit.product_id for hit in found))
