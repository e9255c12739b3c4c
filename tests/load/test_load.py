"""Load: sixteen clients send mixed requests while an editor publishes, and no answer is a fault.

Real HTTP to several processes on PostgreSQL. REQUESTS says how many, LOAD_SEED repeats a run's requests and changes.
"""

import contextlib
import io
import itertools
import os
import pathlib
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from PIL import Image

from common.models import Picture
from common.outbox.services import deliver_due
from orders.models import Order
from products.models import ProductPage
from products.tests.factories import make_product
from staff.tests.factories import make_employee, sign_in
from stock.models import Shop as Point
from storefront.services.role_groups import make_groups
from tests.load.visitors import KINDS, Place, Record, Visitor, let_visit
from tests.races.harness import Shop
from tests.truth.changes import CHANGES, World, addresses, build

# The clock of the shop runs on, and bands are set by hand.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.violates]
REQUESTS = int(os.environ.get("REQUESTS", "1000"))
SEED = int(os.environ.get("LOAD_SEED", "20261128"))
CLIENTS, PROCESSES, THREADS = 16, 2, 8


Change = Callable[[World], None]


def pictured(world: World) -> None:
    page = world.one(ProductPage.objects.filter(live=True))
    file = io.BytesIO()
    Image.new("RGB", (640, 480), (world.rng.randrange(256), 90, 90)).save(file, "PNG")
    picture = Picture.objects.create(title="Load", file=ContentFile(file.getvalue(), name="load.png"))
    page.gallery = []
    page.gallery.create(image=picture)
    page.save_revision().publish()


def delivered(world: World) -> None:
    """Do what the worker does: emails, pictures to be cut."""
    deliver_due(at=world.now(), limit=5)


ALL_CHANGES = (*CHANGES, pictured, pictured, delivered, delivered)


def people(*roles: str) -> tuple[str, ...]:
    return tuple(sign_in(make_employee(*Point.objects.all(), role=role)).cookies["sessionid"].value for role in roles)


def furnish() -> Place:
    """Build the shop and return what visitors know of it."""
    build()
    make_groups()
    # Enough for every buyer.
    stock = dict.fromkeys(Point.objects.all(), 100_000)
    goods = [make_product(f"Loaf {number}", codes=(f"L{number}",), stock=stock) for number in range(3)]
    paths = [*addresses(), *(page.url for page in goods), "/ru/", f"/ru/search/?q={quote('хлеб')}"]
    pages = [f"/admin/pages/{page.pk}/" for page in ProductPage.objects.all()[:4]]
    admin = ["/admin/", "/admin/pages/", "/admin/images/", "/admin/reports/site-history/", "/admin/pages/search/?q=t"]
    drafts = [f"{page}{verb}/" for page in pages for verb in ("edit", "view_draft", "history")]
    return Place(
        paths=tuple(paths),
        lists=tuple(path for path in paths if "?" not in path and ("catalogue" in path or path == "/products/")),
        codes=tuple(page.product.skus.get().code for page in goods),
        files=("/static/storefront/storefront.css", "/static/none.js"),
        admin=(*admin, *drafts),
        customers=tuple(sign_in(make_employee(role="customer")).cookies["sessionid"].value for _ in range(3)),
        editors=people("editor", "editor", "owner"),
        employees=people("employee", "shop_manager"),
    )


def load(site: Shop, place: Place, requests: int, changes: Sequence[Change]) -> tuple[Record, int]:
    """Let all clients visit while changes are made; return what was answered, and the number of changes."""
    world, done = World(random.Random(SEED), site.now), itertools.count()

    def publish() -> None:
        if changes:
            world.rng.choice(changes)(world)
            next(done)

    visitors = [Visitor(site, place, f"{SEED}-{number}") for number in range(CLIENTS)]
    return let_visit(visitors, requests, publish), next(done)


@pytest.fixture
def var(tmp_path, settings, monkeypatch):
    """The folder of a shop behind a proxy, with the pictures that this test loads."""
    settings.MEDIA_ROOT = tmp_path / "test-media"
    monkeypatch.setenv("TRUSTED_PROXIES", "127.0.0.1")
    return tmp_path


@contextlib.contextmanager
def loaded(var: pathlib.Path) -> Iterator[Shop]:
    shop = Shop(var, workers=PROCESSES, threads=THREADS)
    try:
        yield shop.wait()
    finally:
        shop.stop()


def failures(shop: Shop) -> Counter[str]:
    """Return the exceptions that were logged in full, each with the line that raised it; a forged host is no fault."""
    found: Counter[str] = Counter()
    for part in shop.log.read_text(errors="replace").split("Traceback (most recent call last):")[1:]:
        lines = part.splitlines()
        end = next(number for number, line in enumerate(lines) if line and not line.startswith(" "))
        if not lines[end].startswith("django.core.exceptions.DisallowedHost"):
            places = [line for line in lines[:end] if line.startswith("  File")]
            found["\n".join([*places[-3:], lines[end]])] += 1
    return found


def test_no_answer_is_a_fault(var):
    place = furnish()
    with loaded(var) as shop:
        record, changes = load(shop, place, REQUESTS, ALL_CHANGES)

        print(f"\nLoad: {record.count} requests, {changes} changes, seed {SEED}\n{record.table()}")  # noqa: T201
        assert (record.faults, failures(shop)) == ([], {})
    assert set(record.statuses) == set(KINDS)
    assert Order.objects.exists()
    assert changes > 1


def test_a_fault_is_found(var):
    place = furnish()
    with a_table_missing("wagtailredirects_redirect"), loaded(var) as shop:
        record, _changes = load(shop, place, 500, ())

        assert {fault.split(": ")[1].split()[0] for fault in record.faults} == {"500"}
        assert record.statuses["missing"][500] > 0
        assert any("django.db.utils.ProgrammingError" in failure for failure in failures(shop))


@contextlib.contextmanager
def a_table_missing(name: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {name} RENAME TO mislaid")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE mislaid RENAME TO {name}")
