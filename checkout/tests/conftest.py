"""Products shared by the tests of carts; a module may define its own fixture of the same name."""

from decimal import Decimal as D

import pytest

from products.tests.factories import make_product, make_sku, make_tree
from stock.tests.factories import make_shop


@pytest.fixture
def shop():
    make_tree()
    return make_shop()


@pytest.fixture
def market(shop):
    return make_shop("market")


@pytest.fixture
def loaf(shop):
    return make_product(title="Loaf", price="3.90", codes=("LOAF",), stock={shop: "10"})


@pytest.fixture
def cheese(shop):
    page = make_product(title="Cheese", codes=())
    make_sku(
        page.product, "CHEESE", price="27.00", stock={shop: "2.5"}, unit="kg", step="0.1",
        min_quantity=D("0.2"), max_quantity=D("1.0"),
    )  # fmt: skip
    return page
