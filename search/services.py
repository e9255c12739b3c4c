"""Finding products: an article exactly, then full text over name, texts and articles, then whole categories."""

import re
from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from common.typed_text import clean_identifier
from products.models import CategoryPage, Product, ProductCategory, ProductPage, Sku
from products.on_sale import on_sale

MAX_QUERY = 200
MAX_WORDS = 12
MAX_HITS = 500
_WORD = re.compile(r"\w+")


def normalise(text: str) -> str:
    """Return a query as it is searched and shown: NFKC, printable, one space between words, at most 200 characters."""
    seen = clean_identifier(text[:5000])
    printable = "".join(letter if letter.isprintable() else " " for letter in seen)
    return " ".join(printable.split())[:MAX_QUERY].rstrip()


def words_of(query: str) -> str:
    """Return the words of a query: signs that mean something to a query language are none of them."""
    return " ".join(_WORD.findall(query.replace("_", " "))[:MAX_WORDS])


def begins(*, query: str, title: str) -> bool:
    """Return whether every word of a query begins a word of the title; False for a query without words."""
    typed, words = words_of(query).casefold().split(), _WORD.findall(title.casefold())
    return bool(typed) and all(any(word.startswith(begin) for word in words) for begin in typed)


def marked(*, query: str, title: str) -> SafeString:
    """Return a title as HTML in which what was typed is marked where a word begins with it."""
    typed = sorted(words_of(query).split(), key=len, reverse=True)
    if not typed:
        return conditional_escape(title)
    parts = re.split(rf"(?<!\w)({'|'.join(map(re.escape, typed))})", title, flags=re.IGNORECASE)
    pairs = ((part, number % 2) for number, part in enumerate(parts))
    return format_html_join("", "{}", ((format_html("<mark>{}</mark>", part) if odd else part,) for part, odd in pairs))


def find_products(*, query: str) -> list[int]:
    """Return ids of products that match, best first, at most 500; [] for a query without a letter or a digit.

    An exact article or barcode comes first, then what has all words in its texts, then what stands in a category
    of that name. When there is nothing the words may be beginnings.
    """
    words = words_of(query)
    if not words:
        return []
    exact = _by_article(query)
    found = [*_ids(_pages().search(words, operator="and")[:MAX_HITS]), *_by_category(words)]
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


def _by_category(words: str) -> list[int]:
    """Return the products of categories, and those below, whose name in any language has all the words."""
    wanted = set(words.casefold().split())
    rows = list(CategoryPage.objects.live().values_list("translation_key", "path", "title"))
    named = {key for key, _path, title in rows if wanted <= set(_WORD.findall(title.casefold()))}
    if not named:
        return []
    under = reduce(or_, (Q(category__path__startswith=path) for key, path, _title in rows if key in named))
    pages = ProductCategory.objects.filter(under, page__live=True).values("page__product_id")
    best = Product.objects.filter(pk__in=pages).order_by("-popularity", "-id")
    return list(best.values_list("pk", flat=True)[:MAX_HITS])


def _pages():  # noqa: ANN202 - the search backend's own query set
    # In any language: the list shows only what the reader's language, or the default one, has a page for.
    return ProductPage.objects.live().only("product_id")


def _ids(pages: Iterable[ProductPage]) -> list[int]:
    return [page.product_id for page in pages]
