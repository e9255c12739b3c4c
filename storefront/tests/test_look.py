"""A site's look: its own logo, icons, accent and sharing picture; an identity without them adds nothing."""

import re

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.template.loader import render_to_string
from django.urls import reverse

from common.models import Picture
from common.tests.pictures import file_of, noise
from products.tests.factories import make_tree
from storefront.accent import palette, parse, version_of
from storefront.models import Identity
from storefront.shell import load_shell

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()
    yield
    cache.clear()


def make_picture(size):
    file = ImageFile(ContentFile(file_of(noise(size)), name="own.png"))
    return Picture.objects.create(title="Own", file=file)


def brand(**changed):
    identity = Identity.load()
    for name, value in changed.items():
        setattr(identity, name, value)
    identity.save()


def head_of(client):
    html = client.get(make_tree().home.url).content.decode()
    return html, html[: html.index("</head>")]


def test_a_shop_without_a_logo_is_called_by_its_name(client, settings):
    settings.DEMO = False
    brand(name="Corner Bakery")

    html, head = head_of(client)

    header = html[html.index("<header") : html.index("</header>")]
    assert "brand__logo" not in header and "brand__mark" not in header
    assert "Corner Bakery" in header
    assert "img/shop.svg" in head and "og:image" not in head and "fragments/accent" not in head


def test_the_demo_has_its_own_mark(client, settings):
    settings.DEMO = True

    html, head = head_of(client)

    assert "brand__mark" in html and "img/favicon.svg" in head


def test_logos_icons_and_the_sharing_picture_are_on_every_page(client, settings):
    settings.SITE_URL = "https://shop.example"
    wide = make_picture((480, 160))
    brand(logo=wide, logo_dark=make_picture((300, 150)), icon=make_picture((200, 200)), share_picture=wide)

    html, head = head_of(client)

    sizes = re.findall(r'class="brand__logo ([a-z-]+)"[^>]*?width="(\d+)"\s+height="(\d+)"', html)
    assert sizes == [("on-light", "288", "96"), ("on-dark", "192", "96")]
    assert re.search(r'rel="icon" href="[^"]+64x64[^"]*\.png"', head)
    assert re.search(r'rel="apple-touch-icon" href="[^"]+180x180[^"]*\.png"', head)
    assert re.search(r'property="og:image" content="https://shop.example/[^"]+1200x630[^"]*\.jpg"', head)
    assert "favicon.svg" not in head
    assert client.get("/favicon.ico")["Location"].endswith(".png")


@pytest.mark.parametrize("template", ["staff/base.html", "staff/slip.html"])
def test_staff_pages_have_the_icon_and_accent_of_the_shop(template):
    brand(icon=make_picture((200, 200)), accent="#b3202c")

    slip = {"order": {"number": "4QX7K2MD"}}
    head = render_to_string(template, {"shell": load_shell(), "slip": slip}).partition("</head>")[0]

    assert re.findall(r'rel="icon" href="[^"]+/([^"/]+)"', head)[0].endswith(".png")
    assert "fragments/accent/b3202c" in head and "favicon.svg" not in head


def test_a_refusal_outside_any_view_uses_the_shops_icon():
    refusal = {"status": 503, "heading": "Busy", "sentence": "Try again."}

    head = render_to_string("refused.html", {"refusal": refusal, "language": "en"})

    assert '<link rel="icon" href="/favicon.ico">' in head


def test_an_unreadable_logo_is_replaced_by_the_name(client):
    logo = make_picture((480, 160))
    brand(name="Corner Bakery", logo=logo)
    logo.file.storage.delete(logo.file.name)

    html, _ = head_of(client)

    assert "brand__logo" not in html and "Corner Bakery" in html


def test_an_accent_has_its_style_sheet(client):
    brand(accent="#B3202C")

    _, head = head_of(client)
    response = client.get(reverse("accent", args=["b3202c", version_of(palette(parse("#b3202c")))]))

    assert f'<link rel="stylesheet" href="{response.request["PATH_INFO"]}">' in head
    assert '<meta name="theme-color" content="#b3202c" media="(prefers-color-scheme: light)">' in head
    assert response["Content-Type"] == "text/css" and "immutable" in response["Cache-Control"]
    assert response.content.decode().startswith(":root{--z-cobalt:#b3202c;")


@pytest.mark.parametrize("colour", ["red", "fff", "12345g", "b3202c;}"])
def test_there_is_no_style_sheet_at_any_other_address(client, colour):
    assert client.get(f"/fragments/accent/{colour}-1.css").status_code == 404


@pytest.mark.parametrize("accent", ["", "red", "#fff", "2340c4", "#2340c4\n"])
def test_an_accent_that_is_not_a_colour_is_refused(accent):
    with pytest.raises(ValidationError):
        Identity(name="Shop", accent=accent).full_clean()
