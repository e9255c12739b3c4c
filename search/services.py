"""Finding products: an article exactly, else full text over name, description and article."""

import re
import unicodedata

from wagtail.models import Locale

from products.models import ProductPage, Sku

MAX_QUERY = 200
MAX_HITS = 500


def normalise(text: str) -> str:
    """Return a query as it is searched: NFKC, one space between words, at most 200 characters."""
    cleaned = unicodedata.normalize("NFKC", text).replace("\x00", " ")
    return " ".join(cleaned.split())[:MAX_QUERY]


def find_products(*, query: str, locale: Locale) -> list[int]:
    """Return ids of products that match, at most 500; [] for a query without a letter or a digit.

    Signs that mean something to the database's query language are taken as spaces.
    """
    words = re.sub(r"[^\w\s.-]+", " ", query).strip()
    if not re.search(r"\w", words):
        return []
    exact = Sku.objects.filter(code=query.upper()[:64], is_active=True).values_list("product_id", flat=True)
    if exact:
        return list(exact)
    hits = ProductPage.objects.live().filter(locale=locale).search(words, operator="and")[:MAX_HITS]
    found = [page.product_id for page in hits]
    if not found:
        hits = ProductPage.objects.live().filter(locale=locale).autocomplete(words)[:MAX_HITS]
        found = [page.product_id for page in hits]
    return found
