"""Queries of whole requests: the same at 60 and at 5,000 products, with 1 and 40 cards, with 1 and 20 lines.

Every statement counts. The two around a transaction are BEGIN and COMMIT in production and SAVEPOINT and RELEASE here,
inside the test's own transaction.
"""

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from common.models import Picture
from common.tests.pictures import file_of, noise
from products import pictures
from products.models import CategoryPage, ProductPage
from products.tests.factories import make_category, make_product
from stock.tests.factories import make_shop
from storefront.demo.bulk import bulk_products
from tests.fixtures import forget_everything_kept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("pages_drawn_anew")]
# With the parts that other pages show as well: in a shop that has visitors.
LIMITS = {"home": 0, "catalogue": 0, "category": 0, "search": 1, "product": 0}
# A process that knows nothing reads the frame of the pages, and for all but a search Wagtail's own: site, locale, the
# page's path, its class, its restrictions. Where there are pictures, their renditions are one query more.
FRAME, WAGTAIL = 12, 7
FIRST_LIMITS = {
    "home": FRAME + WAGTAIL + 3,
    "catalogue": FRAME + WAGTAIL + 4,
    "category": FRAME + WAGTAIL + 4,
    "search": FRAME + 4,
    "product": FRAME + WAGTAIL + 9,
}
LINE_LIMITS = {"add": 6, "add by script": 8, "header": 2, "cart": 2, "checkout": 2, "place": 9, "status": 4}
# Add, cart, checkout page, placing, order page. The product page has its own limit above.
JOURNEY = 31
SAME_ORIGIN = {"HTTP_SEC_FETCH_SITE": "same-origin"}


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()
    yield
    cache.clear()


def counted(ask) -> int:
    """Return how many queries the second of two equal requests makes: the first fills the caches."""
    forget_everything_kept()
    ask()
    with CaptureQueriesContext(connection) as seen:
        response = ask()
    assert response.status_code in (200, 303), response.status_code
    return len(seen)


def catalogue_counts(client) -> dict[str, int]:
    urls = {
        "home": "/",
        "catalogue": "/catalogue/",
        "category": CategoryPage.objects.live().order_by("path").first().url,
        "search": "/search/?q=bread",
        "product": ProductPage.objects.live().order_by("path").first().url,
    }
    return {name: counted(lambda url=url: client.get(url)) for name, url in urls.items()}


def both_counts(settings) -> dict[str, dict[str, int]]:
    """Return the counts of a process that has drawn such pages, and of one that has not."""
    later = catalogue_counts(Client())
    settings.PAGES_KEPT = False
    first = catalogue_counts(Client())
    settings.PAGES_KEPT = True
    return {"first": first, "later": later}


def test_60_and_5000_products(client, at, settings):
    shop = make_shop()
    make_product("Country bread", codes=("BREAD",), categories=[make_category("Bread")], stock={shop: 50})
    bulk_products(59, at=at)
    few, few_bought = both_counts(settings), journey_counts(client, shop, "BREAD")

    bulk_products(4940, seed=8, at=at)
    many, many_bought = both_counts(settings), journey_counts(client, shop, "BREAD")

    assert ProductPage.objects.count() == 5000
    assert many == few
    assert many_bought == few_bought
    assert {name: count for name, count in many["later"].items() if count > LIMITS[name]} == {}
    assert {name: count for name, count in few["first"].items() if count > FIRST_LIMITS[name]} == {}


@pytest.mark.usefixtures("nothing_kept")
def test_1_and_40_cards(client):
    shop, bread, tea = make_shop(), make_category("Bread"), make_category("Tea")
    make_product("Loaf", codes=("LOAF",), categories=[bread], stock={shop: 5})
    home = counted(lambda: client.get("/"))
    for number in range(39):
        make_product(f"Tea {number}", codes=(f"T{number}",), categories=[tea], stock={shop: 5})
    make_product("Last tea", codes=("LAST",), categories=[tea], stock={shop: 5})

    assert counted(lambda: client.get(tea.url)) == counted(lambda: client.get(bread.url)) <= FIRST_LIMITS["category"]
    assert (
        counted(lambda: client.get("/search/?q=tea"))
        == counted(lambda: client.get("/search/?q=bread"))
        <= FIRST_LIMITS["search"]
    )
    assert client.get("/").content.count(b'class="card__title"') == 41
    assert counted(lambda: client.get("/")) == home <= FIRST_LIMITS["home"]


@pytest.fixture
def shelf():
    shop = make_shop()
    for number in range(21):
        make_product(f"Loaf {number}", price="1.00", codes=(f"L{number}",), stock={shop: 90})
    return shop


def add(client, code: str, **headers: str):
    response = client.post("/cart/add/", {"code": code, "quantity": "1"}, **SAME_ORIGIN, **headers)
    assert response.status_code == (200 if headers else 303), response.content[:300]
    return response


def submit(client, shop, total: object):
    form = {"name": "Mila Berg", "phone": "020 555 0142", "email": "mila@example.com", "comment": ""}
    form |= {"shop": shop.code, "payment_method": "on_collection", "confirmed_total": total}
    response = client.post("/checkout/", form, **SAME_ORIGIN)
    assert response["Location"].startswith("/orders/"), response.content[:300]
    return response


def journey_counts(client, shop, code: str) -> dict[str, int]:
    """Return the statements of each request of a guest who buys one article, without the product page."""
    client.cookies.clear()
    client.cookies["shop"] = shop.code
    answers, found = {}, {}
    steps = {
        "add": lambda: add(client, code),
        "cart": lambda: client.get("/cart/"),
        "checkout": lambda: client.get("/checkout/"),
        "place": lambda: submit(client, shop, answers["checkout"].context["cart"].quote.total),
        "order": lambda: client.get(answers["place"]["Location"]),
    }
    for name, step in steps.items():
        with CaptureQueriesContext(connection) as seen:
            answers[name] = step()
        found[name] = len(seen)
    return found


@pytest.mark.parametrize("signed_in", [False, True], ids=["guest", "customer"])
def test_1_and_20_lines(client, shelf, signed_in):
    found = []
    for lines in (1, 20):
        client.logout()
        client.cookies.clear()
        if signed_in:
            # Plus the session and its user.
            client.force_login(User.objects.create_user(f"mila{lines}@example.com", "secret"))
        for number in range(lines):
            add(client, f"L{number}")
        client.cookies["shop"] = shelf.code
        counts = {
            "add": counted(lambda: add(client, "L0")),
            "add by script": counted(lambda: add(client, "L0", HTTP_ACCEPT="application/json")),
            "header": counted(lambda: client.get("/fragments/header/")),
            "cart": counted(lambda: client.get("/cart/")),
            "checkout": counted(lambda: client.get("/checkout/")),
        }
        with CaptureQueriesContext(connection) as seen:
            placed = submit(client, shelf, f"{lines + 4}.00")
        counts["place"] = len(seen)
        counts["status"] = counted(lambda url=placed["Location"]: client.get(url))
        found.append(counts)

    own = dict.fromkeys(LINE_LIMITS, 2 if signed_in else 0)
    if signed_in:
        own["header"] = 5  # their role, and whether they are an editor
        own["place"] = 3  # their role
    assert found[0] == found[1]
    assert {name: count for name, count in found[0].items() if count - own[name] > LINE_LIMITS[name]} == {}


def test_the_journey_of_a_guest_takes_few_statements(client, shelf):
    file = ImageFile(ContentFile(file_of(noise())), name="loaf.png")
    picture = Picture.objects.create(title="Loaf", file=file)
    pictures.make([picture])
    ProductPage.objects.update(cover=picture)
    cache.clear()
    client.get("/")  # the frame of the pages

    found = journey_counts(client, shelf, "L0")

    assert sum(found.values()) <= JOURNEY, found
