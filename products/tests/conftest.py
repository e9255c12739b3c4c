"""Fixtures of several modules: a category and an editor for quick add, a small site for public pages."""

import pytest

from accounts.models import User
from products.tests.factories import make_category, make_product, make_tax_class, make_tree
from stock.tests.factories import make_shop
from storefront.models import ContentPage


@pytest.fixture
def bread():
    """Return a category of the catalogue, in a shop with one tax class."""
    make_tree()
    make_tax_class(rate="0.2100")
    return make_category("Bread")


@pytest.fixture
def editor(client, stopped_clock):
    """Return a client of somebody who may do everything in the admin, at the tests' time."""
    client.force_login(User.objects.create_superuser("root@example.com", "secret"))
    return client


@pytest.fixture
def site() -> dict[str, str]:
    """Return {kind of page: its address}. One product, RYE, has seven pieces in one shop."""
    tree = make_tree()
    bread = make_category("Bread")
    loaf = make_product("Rye loaf", codes=("RYE",), categories=[bread], stock={make_shop(): 7})
    about = tree.home.add_child(instance=ContentPage(title="About", in_footer=True))
    return {
        "home": "/",
        "category": bread.url,
        "catalogue": f"{tree.catalogue.url}?sort=new",
        "product": loaf.url,
        "variant": f"{loaf.url}?sku=RYE",
        "search": "/search/?q=rye",
        "nothing": "/search/?q=nothing",
        "suggest": "/search/suggest/?q=ry",
        "content": about.url,
    }
