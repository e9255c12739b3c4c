"""The steps an owner still has to take before the first order, read from what is there."""

from dataclasses import dataclass

from django.db.models import Exists, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from wagtail.models import Locale

from orders.models import Order
from products.models import ProductIndexPage, ProductPage
from stock.models import Shop
from storefront.models import Identity


@dataclass(frozen=True)
class Step:
    """One thing to do, where it is done, and whether it is."""

    title: str
    note: str
    url: str
    done: bool


def first_steps() -> list[Step]:
    """Return the steps from an empty installation to the first order, in their order; [] when all are done."""
    on_sale = ProductPage.objects.live().filter(product__from_price__isnull=False)
    done = _which_exist(
        name=Identity.objects.exclude(name=Identity._meta.get_field("name").default),
        shop=Shop.objects.open_to_customers().filter(hours__isnull=False),
        product=on_sale,
        stock=on_sale.filter(product__best_band__gt=0),
        order=Order.objects.all(),
    )
    if all(done.values()):
        return []
    index = ProductIndexPage.objects.filter(locale=Locale.get_default()).only("pk").first()
    return [
        Step(
            gettext("Name your shop"),
            gettext("The name in the header, in emails and on slips."),
            reverse("wagtailsettings:edit", args=["storefront", "identity"]),
            done["name"],
        ),
        Step(
            gettext("Add a point of sale"),
            gettext("Its address and opening hours: they tell customers when an order can be collected."),
            reverse("shops:add"),
            done["shop"],
        ),
        Step(
            gettext("Add a product"),
            gettext("One short form: name, category, price, allergens."),
            reverse("products_admin:quick-add"),
            done["product"],
        ),
        Step(
            gettext("Enter its stock"),
            gettext("On the product's page, in “Variants, prices and stock”. Without stock it shows as sold out."),
            reverse("wagtailadmin_explore", args=[index.pk]) if index else reverse("wagtailadmin_explore_root"),
            done["stock"],
        ),
        Step(
            gettext("Make a test order"),
            gettext("Buy it as a customer would, then hand it over in the staff panel."),
            reverse("wagtail_serve", args=[""]),
            done["order"],
        ),
    ]


def _which_exist(**wanted: QuerySet) -> dict[str, bool]:
    """Ask for all of them at once. There is always a locale to hang the question on."""
    row = Locale.objects.annotate(**{f"has_{name}": Exists(rows) for name, rows in wanted.items()})
    found = row.values(*(f"has_{name}" for name in wanted)).first() or {}
    return {name: bool(found.get(f"has_{name}")) for name in wanted}
