"""Finding products: an article exactly, then full text over name, texts and articles, then whole categories."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from common.folding import fold, folded_words, with_accents, word_spans
from common.typed_text import clean_identifier
from common.visible_pages import open_to_all
from products.models import CategoryPage, Product, ProductCategory, ProductPage, Sku
from products.on_sale import on_sale

MAX_QUERY = 200
MAX_WORDS = 12
MAX_HITS = 500


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


def find_products(*, query: str) -> list[int]:
    """Return ids of products that match, best first, at most 500; [] for a query without a letter or a digit.

    An exact article or barcode comes first, then what stands in a category of that name, then what has all words in
    its name, in its texts, in the name of its category. When there is nothing the words may be beginnings.
    """
    words = words_of(query)
    if not words:
        return []
    exact, hits = _by_article(query), list(_pages().search(words, operator="and")[:MAX_HITS])
    wanted = set(words.split())
    # The sort is stable: among equals the best match stays first.
    hits.sort(key=lambda page: not wanted <= set(folded_words(page.title)))
    named, beside = _by_category(wanted)
    found = [*named, *_ids(hits), *beside]
    if not found and not exact:
        found = _ids(_pages().autocomplete(words, operator="and")[:MAX_HITS])
    return list(dict.fromkeys([*exact, *found]))[:MAX_HITS]


def suggest(*, query: str, limit: int) -> list[int]:
    """Return ids of the few products whose name or article begins with what was typed so far, best first."""
    words = words_of(query)
    if not words:
        return []
    return list(dict.fromkeys([*_by_article(query), *_ids(_pages().autocomplete(words, operator="and")[: limit * 3])]))


def _by_article(query: str) -> list[int]:
    """Return the products with this article or barcode."""
    code = query.upper()[:64]
    found = Sku.objects.filter(on_sale(), code=code).union(Sku.objects.filter(on_sale(), barcode=query[:64]))
    return [sku.product_id for sku in found]


def _by_category(wanted: set[str]) -> tuple[list[int], list[int]]:
    """Return the products of categories, and those below, that are called so, and of those whose name has the words.

    The name in any language counts.
    """
    rows = list(open_to_all(CategoryPage.objects.live()).values_list("translation_key", "path", "title"))
    words = [(key, set(folded_words(title))) for key, _path, title in rows]
    called = {key for key, found in words if found == wanted}
    having = {key for key, found in words if wanted < found} - called
    by_name, by_words = ([path for key, path, _title in rows if key in keys] for keys in (called, having))
    return _products_under(by_name), _products_under(by_words)


def _products_under(paths: Sequence[str]) -> list[int]:
    """Return the products in categories at these paths or below, the most wanted first."""
    if not paths:
        return []
    under = reduce(or_, (Q(category__path__startswith=path) for path in paths))
    pages = ProductCategory.objects.filter(under, page__live=True).values("page__product_id")
    best = Product.objects.filter(pk__in=pages).order_by("-popularity", "-id")
    return list(best.values_list("pk", flat=True)[:MAX_HITS])


def _pages():  # noqa: ANN202 - the search backend's own query set
    # In any language: the list shows only what the reader's language, or the default one, has a page for.
    return ProductPage.objects.live().only("product_id", "title")


def _ids(pages: Iterable[ProductPage]) -> list[int]:
    return [page.product_id for page in pages]
