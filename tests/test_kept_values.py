"""What is kept is shared by threads: drawing pages changes nothing in it, and opens no file of it.

A picture that one thread closed while another read it was a fault that came once in thousands of requests.
"""

import io
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db.models import Model
from django.db.models.fields.files import FieldFile
from PIL import Image

from common.models import Picture
from common.page_changes import parts
from products.models import ProductPage
from products.tests.factories import make_category, make_product
from stock.tests.factories import make_shop
from storefront.models import ContentPage, HomePage, ShopPage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("pages_drawn_anew")]
ADDRESSES = (
    "/", "/catalogue/", "/catalogue/bread/", "/catalogue/?shop=canal", "/products/", "/products/rye-loaf/",
    "/products/bun/?sku=BUN-L", "/about/", "/canal-street/", "/search/?q=rye", "/search/suggest/?q=r", "/ru/",
    "/ru/products/rye-loaf/",
)  # fmt: skip
# What Wagtail notes on rows by itself: where a cut was found, where the sites begin.
NOTES = {"_from_cache", "_wagtail_cached_site_root_paths"}
# HTML by kind: what a kept value remembers of how it was drawn.
DRAWN = {"drawn", "details"}


def facts(value: Any, above: tuple[int, ...] = ()) -> Any:
    """Return all that a value holds, down to rows, the relations they have loaded, and whether files are open."""
    if isinstance(value, FieldFile):
        return [value.name, "open" if vars(value).get("_file") else "closed"]
    if isinstance(value, Model):
        return "above" if id(value) in above else facts(held_by(value), (*above, id(value)))
    if is_dataclass(value):
        return {one.name: facts(getattr(value, one.name), above) for one in fields(value) if one.name not in DRAWN}
    if isinstance(value, Mapping):
        return {str(name): facts(held, above) for name, held in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [facts(held, above) for held in value]
    return value if isinstance(value, str | int | None) else repr(value)


def changes(before: Any, after: Any, *place: Hashable) -> Iterator[tuple[str, Any]]:
    """Yield where two answers of `facts` differ, and what is there now."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in {**before, **after}.keys() - NOTES:
            yield from changes(before.get(name), after.get(name), *place, name)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, pair in enumerate(zip(before, after, strict=True)):
            yield from changes(*pair, *place, number)
    elif before != after:
        yield " ".join(map(str, place)), after


def held_by(row: Model) -> dict[str, Any]:
    # The name of a file becomes a file when it is first asked for.
    files = {field.attname: getattr(row, field.attname) for field in files_of(row)}
    return {**vars(row), **files, "_state": row._state.fields_cache}


def files_of(row: Model) -> list[Any]:
    return [field for field in row._meta.concrete_fields if hasattr(field, "storage")]


def pictured(page: ProductPage) -> None:
    file = io.BytesIO()
    Image.new("RGB", (640, 480), (200, 90, 90)).save(file, "PNG")
    page.gallery.create(image=Picture.objects.create(title="Loaf", file=ContentFile(file.getvalue(), name="loaf.png")))
    page.save_revision().publish()


@pytest.fixture
def was(monkeypatch) -> dict[Hashable, tuple[Any, Any]]:
    """Return what is kept by key: the value, and all that it held at that moment."""
    found: dict[Hashable, tuple[Any, Any]] = {}
    keep = parts._keep

    def noting(made: Mapping[Hashable, Any]) -> None:
        found.update({key: (part.value, facts(part.value)) for key, part in made.items()})
        keep(made)

    monkeypatch.setattr(parts, "_keep", noting)
    return found


@pytest.fixture
def visited(client, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    shop, bread = make_shop(), make_category("Bread")
    make_shop("market")
    for name, codes in (("Rye loaf", ("RYE",)), ("Bun", ("BUN", "BUN-L"))):
        pictured(make_product(name, codes=codes, categories=[bread], stock={shop: 7}, description="<p>Soft.</p>"))
    home = HomePage.objects.get()
    home.add_child(instance=ContentPage(title="About", in_footer=True))
    home.add_child(instance=ShopPage(title="Canal street", shop=shop))


def test_drawing_pages_changes_nothing_that_is_kept(client, visited, was):
    for address in ADDRESSES * 2:
        assert client.get(address).status_code == 200, address

    assert {str(key).strip("('").partition("'")[0] for key in was} >= {"card", "shell", "product", "route", "list"}
    assert Picture.objects.filter(renditions__isnull=False).distinct().count() == 2
    found = {place: held for key, (value, before) in was.items() for place, held in changes(before, facts(value), key)}
    assert found == {}
