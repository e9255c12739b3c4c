"""Quick add: page, product, SKU, price and opening stock in one go, with a new category when one is named."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from anyascii import anyascii
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext
from wagtail.models import Locale

from common.actors import Actor
from common.errors import DomainError
from products.models import CataloguePage, CategoryPage, ProductIndexPage, ProductPage, Sku
from products.services import rows
from products.services.prices import set_price
from products.services.skus import create_sku
from stock.services.receive import receive

CODE_LENGTH = 24
# What is bought in kilograms, litres or metres is bought in tenths of them.
STEPS = {"kg": Decimal("0.1"), "l": Decimal("0.1"), "m": Decimal("0.1"), "g": Decimal(50), "ml": Decimal(50)}


class NoProductIndex(DomainError):
    """The site has no page under which products hang."""

    code = "no_product_index"


@dataclass(frozen=True)
class NewProduct:
    """What the form asks for. Price is gross, per `unit`; an empty `code` is made from the name.

    It stands in the category `category_id`, or in the one named `new_category`, which is made if there is none of that
    name. Without a `step` it is sold by the piece, or in the usual step of its unit.
    """

    name: str
    price: Decimal
    allergen_status: str
    category_id: int | None = None
    new_category: str = ""
    unit: str = "pc"
    step: Decimal | None = None
    code: str = ""
    allergens: Sequence[str] = ()
    picture_id: int | None = None
    stock: Mapping[int, Decimal] = field(default_factory=dict)


def quick_add(*, new: NewProduct, publish: bool = True, actor: Actor, at: dt.datetime) -> ProductPage:
    """Make a product that can be sold at once and return its page; without `publish` the page is a draft.

    Raises NoProductIndex, SkuRefused, BadPrice and what stock refuses; then nothing was made.
    """
    user = get_user_model().objects.filter(pk=actor.user_id).first()
    with transaction.atomic():
        index = ProductIndexPage.objects.filter(locale=Locale.get_default()).select_for_update(of=("self",)).first()
        if index is None:
            raise NoProductIndex(gettext("There is no product index page yet. Run setup_shop first."))
        category_id = _category(new.new_category, publish, user) if new.new_category else new.category_id
        page = index.add_child(instance=_page(new, category_id, user))
        code = new.code or suggest_code(new.name)
        step = STEPS.get(new.unit, Decimal(1)) if new.step is None else new.step
        sku = create_sku(product_id=page.product_id, code=code, unit=new.unit, step=step, actor=actor, at=at)
        set_price(sku_id=sku.pk, amount=new.price, starts_at=None, source="quick_add", actor=actor, at=at)
        for shop_id, quantity in sorted(new.stock.items()):
            if quantity > 0:
                receive(shop_id=shop_id, sku_id=sku.pk, quantity=quantity, actor=actor, at=at, kind="opening")
        rows.refresh([page.product_id])
        revision = page.save_revision(user=user, log_action=True)
        if publish:
            revision.publish(user=user, skip_permission_checks=True)
    return ProductPage.objects.get(pk=page.pk)


def suggest_code(name: str) -> str:
    """Return a free article made from a name: "Brot für alle" gives BROT-FUR-ALLE, then BROT-FUR-ALLE-2."""
    stem = re.sub(r"[^A-Z0-9]+", "-", anyascii(name).upper()).strip("-")[:CODE_LENGTH].rstrip("-") or "ITEM"
    taken = set(Sku.objects.filter(code__startswith=stem).values_list("code", flat=True))
    if stem not in taken:
        return stem
    number = 2
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def _category(title: str, publish: bool, user: object) -> int:
    """Return the category of this name in the default language, made under the catalogue if there is none."""
    default = Locale.get_default()
    found = CategoryPage.objects.filter(locale=default, title__iexact=title).order_by("path").first()
    if found is not None:
        return found.pk
    catalogue = CataloguePage.objects.filter(locale=default).select_for_update(of=("self",)).first()
    if catalogue is None:
        raise NoProductIndex(gettext("There is no catalogue page yet. Run setup_shop first."))
    category = catalogue.add_child(instance=CategoryPage(title=title, live=False, owner=user))
    revision = category.save_revision(user=user, log_action=True)
    if publish:
        revision.publish(user=user, skip_permission_checks=True)
    return category.pk


def _page(new: NewProduct, category_id: int | None, user: object) -> ProductPage:
    page = ProductPage(title=new.name, allergen_status=new.allergen_status, live=False, owner=user)
    page.categories.add(page.categories.model(category_id=category_id))
    for allergen in new.allergens:
        page.allergens.add(page.allergens.model(allergen=allergen))
    if new.picture_id:
        page.gallery.add(page.gallery.model(image_id=new.picture_id))
    return page
