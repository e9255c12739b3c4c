"""Quick add: page, product, SKU, price and opening stock in one go, with a new category when one is named."""

import datetime as dt
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from anyascii import anyascii
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext
from wagtail.models import Locale, Page

from common.actors import Actor
from common.errors import DomainError
from common.quantity import BadQuantity, is_countable
from products.models import CataloguePage, CategoryPage, Product, ProductIndexPage, ProductPage, Sku, TaxClass
from products.services import rows
from products.services.prices import set_price
from products.services.skus import create_sku
from products.tax_classes import NONE_YET, only_tax_class
from stock.services.receive import receive

CODE_LENGTH = 24
# Kilograms, litres and metres are sold in tenths.
STEPS = {"kg": Decimal("0.1"), "l": Decimal("0.1"), "m": Decimal("0.1"), "g": Decimal(50), "ml": Decimal(50)}


class NoProductIndex(DomainError):
    """The site has no page under which products hang."""

    code = "no_product_index"


class NoTaxClass(DomainError):
    """None was chosen among several tax classes, the one chosen is gone, or the shop has none."""

    code = "no_tax_class"


@dataclass(frozen=True)
class NewProduct:
    """The answers of the quick add form. Price is gross, per `unit`; an empty `code` is made from the name.

    It stands in the category `category_id`, or in the one named `new_category`, which is made if there is none of that
    name. Without a `step` it is sold by the piece, or in the usual step of its unit. `tax_class_id` may be None only
    where the shop has exactly one class. `key` is of one form: sent again with the same name, it makes nothing.
    """

    name: str
    price: Decimal
    allergen_status: str
    tax_class_id: int | None = None
    key: uuid.UUID | None = None
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

    The same form sent again gets the page it made. Raises NoProductIndex, NoTaxClass, SkuRefused, BadPrice, BadQuantity
    and what stock refuses; then nothing was made.
    """
    user = get_user_model().objects.filter(pk=actor.user_id or 0).first()
    with transaction.atomic():
        index = ProductIndexPage.objects.filter(locale=Locale.get_default()).select_for_update(of=("self",)).first()
        if index is None:
            raise NoProductIndex(gettext("There is no product index page yet. Run setup_shop first."))
        # The key names a form, not a page: nobody can make it name a page of their choice.
        translation_key = uuid.uuid5(new.key, new.name) if new.key else uuid.uuid4()
        made = ProductPage.objects.filter(translation_key=translation_key).first()
        if made is not None:
            return made
        product = Product.objects.create(tax_class_id=_tax_class(new.tax_class_id))
        category_id = _category(new.new_category, publish, user) if new.new_category else new.category_id
        page = _page(new, category_id, user)
        page.product, page.translation_key, page.slug = product, translation_key, _slug(new.name, "product", index)
        page = index.add_child(instance=page)
        code = new.code or suggest_code(new.name)
        step = STEPS.get(new.unit, Decimal(1)) if new.step is None else new.step
        sku = create_sku(product_id=page.product_id, code=code, unit=new.unit, step=step, actor=actor, at=at)
        set_price(sku_id=sku.pk, amount=new.price, starts_at=None, source="quick_add", actor=actor, at=at)
        for shop_id, quantity in sorted(new.stock.items()):
            if not is_countable(quantity, sku.unit, sku.step):
                field = f"stock_{shop_id}"
                raise BadQuantity(gettext("Count whole pieces: this is not sold in parts."), extra={"field": field})
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


def _tax_class(tax_class_id: int | None) -> int:
    """Return the class asked for, or the only one there is."""
    chosen = only_tax_class() if tax_class_id is None else TaxClass.objects.filter(pk=tax_class_id).first()
    if chosen is not None:
        return chosen.pk
    if not TaxClass.objects.exists():
        raise NoTaxClass(str(NONE_YET))
    raise NoTaxClass(gettext("Choose a tax class from the list."), extra={"field": "tax_class"})


def _slug(title: str, word: str, parent: Page) -> str:
    """Return "" where Wagtail makes a slug of the title itself; a title of signs alone is numbered after `word`."""
    if slugify(title, allow_unicode=True):
        return ""
    taken = set(parent.get_children().filter(slug__startswith=word).values_list("slug", flat=True))
    number = 1
    while f"{word}-{number}" in taken:
        number += 1
    return f"{word}-{number}"


def _category(title: str, publish: bool, user: object) -> int:
    """Return the category of this name in the default language, made under the catalogue if there is none."""
    default = Locale.get_default()
    found = CategoryPage.objects.filter(locale=default, title__iexact=title).order_by("path").first()
    if found is not None:
        return found.pk
    catalogue = CataloguePage.objects.filter(locale=default).select_for_update(of=("self",)).first()
    if catalogue is None:
        raise NoProductIndex(gettext("There is no catalogue page yet. Run setup_shop first."))
    category = CategoryPage(title=title, slug=_slug(title, "category", catalogue), live=False, owner=user)
    catalogue.add_child(instance=category)
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
