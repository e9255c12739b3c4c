"""The steps an owner still has to take before the first order, judging by what exists."""

from dataclasses import dataclass

from django.db.models import Exists, Model, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from wagtail.models import Locale

from orders.models import Order
from products.models import ProductIndexPage, ProductPage
from stock.models import Shop
from storefront.models import ContentPage, HomePage, Identity, ShopPage


@dataclass(frozen=True)
class Step:
    """One thing to do, where to do it, and whether it is done."""

    title: str
    note: str
    url: str
    done: bool


def first_steps() -> list[Step]:
    """Return the steps from an empty installation to the first order, in order; [] once all are done."""
    locale = Locale.get_default()
    on_sale = ProductPage.objects.live().filter(product__from_price__isnull=False)
    done = _which_exist(
        name=Identity.objects.exclude(name=Identity._meta.get_field("name").default),
        shop=Shop.objects.open_to_customers().filter(hours__isnull=False),
        product=on_sale,
        stock=on_sale.filter(product__best_band__gt=0),
        shop_page=ShopPage.objects.live().filter(locale=locale),
        legal=ContentPage.objects.live().filter(locale=locale, in_footer=True),
        order=Order.objects.all(),
    )
    if all(done.values()):
        return []
    index = ProductIndexPage.objects.filter(locale=locale).only("pk").first()
    home = HomePage.objects.filter(locale=locale).order_by("path").only("pk").first()
    return [
        Step(
            gettext("Name your shop"),
            gettext("The name shown in the header, in emails and on slips."),
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
            gettext("Write a page for your shop"),
            gettext("Under Home: how to find it, with its address and opening hours. Cards and the footer link to it."),
            _new_page(ShopPage, home),
            done["shop_page"],
        ),
        Step(
            gettext("Write the legal pages"),
            gettext("Privacy, terms, who you are: whatever the law requires. Tick “link in the footer” on each."),
            _new_page(ContentPage, home),
            done["legal"],
        ),
        Step(
            gettext("Place a test order"),
            gettext("Buy something as a customer would, then hand it over in the staff panel."),
            reverse("wagtail_serve", args=[""]),
            done["order"],
        ),
    ]


def _new_page(model: type[Model], home: HomePage | None) -> str:
    """Return the address at which a page of this type is added below home."""
    if home is None:
        return reverse("wagtailadmin_explore_root")
    return reverse("wagtailadmin_pages:add", args=[model._meta.app_label, model._meta.model_name, home.pk])


def _which_exist(**wanted: QuerySet) -> dict[str, bool]:
    """Ask for all of them in one query, based on the table of locales, which is never empty."""
    row = Locale.objects.annotate(**{f"has_{name}": Exists(rows) for name, rows in wanted.items()})
    found = row.values(*(f"has_{name}" for name in wanted)).first() or {}
    return {name: bool(found.get(f"has_{name}")) for name in wanted}
