"""The tree of categories in the reader's language, read with one query."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_language
from wagtail.models import Page

from common.folding import folded_words
from common.visible_pages import open_to_all
from products.models import CategoryPage


@dataclass(frozen=True)
class Category:
    """A live, public category. `id` and `path` are the default language's (products name those); the rest is read.

    `words` has the folded words of its name in each language, for search.
    """

    id: int
    path: str
    depth: int
    slug: str
    title: str
    url: str
    note: str
    words: tuple[frozenset[str], ...] = ()

    @property
    def parent_path(self) -> str:
        return self.path[: -Page.steplen]


@dataclass(frozen=True)
class CategoryTree:
    """All categories, in the order of the tree. Knows translations: any language's page id finds its category."""

    all: tuple[Category, ...]
    ids_of_pages: dict[int, int]

    def find(self, page_id: int) -> Category | None:
        """Return the category that a page of any language shows."""
        wanted = self.ids_of_pages.get(page_id)
        return next((category for category in self.all if category.id == wanted), None)

    @property
    def top(self) -> list[Category]:
        """Return the categories directly under the catalogue."""
        depth = min((category.depth for category in self.all), default=0)
        return [category for category in self.all if category.depth == depth]

    def children(self, category: Category) -> list[Category]:
        return [other for other in self.all if other.parent_path == category.path]

    def above(self, category: Category) -> list[Category]:
        """Return the way to a category from the top, itself left out."""
        return [other for other in self.all if category.path.startswith(other.path) and other is not category]

    def ids_under(self, categories: Iterable[Category]) -> list[int]:
        """Return the ids of these categories and everything below them."""
        paths = tuple(category.path for category in categories)
        return [category.id for category in self.all if paths and category.path.startswith(paths)]


def load_categories() -> CategoryTree:
    """Return the tree for the active language; a category without a translation keeps its own title and address."""
    language = get_language()
    pages = open_to_all(CategoryPage.objects.live()).select_related("locale").order_by("path")
    own: dict[object, CategoryPage] = {}
    shown: dict[object, CategoryPage] = {}
    keys: dict[int, object] = {}
    words: dict[object, list[frozenset[str]]] = {}
    for page in pages:
        keys[page.pk] = page.translation_key
        words.setdefault(page.translation_key, []).append(frozenset(folded_words(page.title)))
        if page.locale.language_code == settings.LANGUAGE_CODE:
            own[page.translation_key] = page
        if page.locale.language_code == language:
            shown[page.translation_key] = page
    found = tuple(_category(page, shown.get(key, page), words[key]) for key, page in own.items())
    return CategoryTree(found, {pk: own[key].pk for pk, key in keys.items() if key in own})


def _category(own: CategoryPage, shown: CategoryPage, words: Sequence[frozenset[str]]) -> Category:
    return Category(own.pk, own.path, own.depth, own.slug, shown.title, shown.url or "", shown.note, tuple(words))
