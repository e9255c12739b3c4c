"""Products that no page shows any more: keep their content, restore their page, free an article."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext
from wagtail.models import Locale, Page

from common.actors import Actor
from common.errors import DomainError
from products.articles import SkuRefused
from products.models import KeptPage, Product, ProductIndexPage, ProductPage, Sku, SkuEvent
from products.services.locks import lock_products, lock_sku
from products.services.sku_events import write_event
from stock.models import StockLevel

CODE_LENGTH = 64
LOCALE = "locale"
# Fields that a new page gets for itself; `pk` and `product` would tie it to the old one, and comments of editors
# would outlive their page.
OWN = frozenset(
    (
        *("pk", "product", "path", "depth", "numchild", "url_path", "slug", "content_type", "title", "draft_title"),
        *("live", "has_unpublished_changes", "live_revision", "latest_revision", "latest_revision_created_at"),
        *("owner", "translation_key", "locale", "alias_of", "go_live_at", "expire_at", "expired", "cover"),
        *("locked", "locked_at", "locked_by", "first_published_at", "last_published_at", "wagtail_admin_comments"),
    )
)


class CannotRestore(DomainError):
    """The product has a page, is gone, or there is no page to put its page under."""

    code = "cannot_restore"


def keep_pages(*, page_ids: Collection[int], at: dt.datetime) -> None:
    """Keep the content of the product pages among these and below them: they are about to be deleted.

    A page of another language never takes the place of what the default language's page said.
    """
    chosen = Q(pk__in=page_ids)
    for path in Page.objects.filter(pk__in=page_ids).values_list("path", flat=True):
        chosen |= Q(path__startswith=path)
    default = Locale.get_default().pk
    with transaction.atomic():
        for page in ProductPage.objects.filter(chosen, product__isnull=False, alias_of=None).order_by("pk"):
            said = page.get_latest_revision_as_object().serializable_data()
            content = {name: value for name, value in said.items() if name not in OWN} | {LOCALE: page.locale_id}
            kept = {"title": page.title[:255], "content": content, "kept_at": at}
            found = KeptPage.objects.filter(product_id=page.product_id).first()
            if page.locale_id == default or found is None or found.content.get(LOCALE) != default:
                KeptPage.objects.update_or_create(product_id=page.product_id, defaults=kept)


def restore_page(*, product_id: int, actor: Actor) -> ProductPage:
    """Give a product without page a draft with the content of its last page; its variants stay archived.

    Raises CannotRestore.
    """
    user = get_user_model().objects.filter(pk=actor.user_id or 0).first()
    with transaction.atomic():
        product = lock_products([product_id]).get(product_id)
        if product is None or product.pages.exists():
            raise CannotRestore(gettext("This product has a page already."))
        kept = KeptPage.objects.filter(product=product).first()
        index = _index_for(kept)
        if index is None:
            raise CannotRestore(gettext("There is no product index page yet. Run setup_shop first."))
        page = _page_of(product, kept)
        page.locale = index.locale
        page.product, page.live, page.owner = product, False, user
        page.slug = _free_slug(index, page.title)
        page = index.add_child(instance=page)
        # A draft may lack what publishing needs.
        page.save_revision(user=user, log_action=True, clean=False)
    return page


def free_article(*, sku_id: int, actor: Actor, at: dt.datetime) -> Sku:
    """Rename an archived variant of a product without page and clear its barcode, so that both can be used again.

    Orders keep what they say. Raises SkuRefused while it holds stock or is reserved by open orders.
    """
    with transaction.atomic():
        sku = lock_sku(sku_id)
        if sku is None or sku.is_active or sku.product.pages.exists():
            message = gettext("Only articles of archived variants without a page can be freed.")
            raise SkuRefused(message, field="code", code="in_use")
        levels = StockLevel.objects.filter(sku=sku).filter(Q(on_hand__gt=0) | Q(reserved__gt=0))
        if levels.exists():
            message = gettext("Some of it is still in stock or reserved. Restore the product, then count it to 0.")
            raise SkuRefused(message, field="code", code="holds_stock")
        before = {"code": sku.code, "barcode": sku.barcode}
        sku.code, sku.barcode = _freed_code(sku.code), ""
        sku.save(update_fields=["code", "barcode"])
        after = {"code": sku.code, "barcode": sku.barcode}
        write_event(sku=sku, code=SkuEvent.Code.ARTICLE_FREED, before=before, after=after, actor=actor, at=at)
    return sku


def _index_for(kept: KeptPage | None) -> ProductIndexPage | None:
    """Return the index of the language the page was in, or of the default one, locked."""
    indexes = ProductIndexPage.objects.select_for_update(of=("self",))
    own = indexes.filter(locale_id=kept.content.get(LOCALE)).first() if kept else None
    return own or indexes.filter(locale=Locale.get_default()).first()


def _page_of(product: Product, kept: KeptPage | None) -> ProductPage:
    if kept is None:
        first = product.skus.order_by("sort_order", "id").first()
        return ProductPage(title=first.code if first else gettext("Product"))
    content: dict[str, Any] = {name: value for name, value in kept.content.items() if name not in OWN}
    for name, rows in content.items():
        if isinstance(rows, list) and rows and isinstance(rows[0], dict) and "pk" in rows[0]:
            content[name] = [{**row, "pk": None, "page": None, "translation_key": None} for row in rows]
    # Rows that name something deleted meanwhile, such as a category, are left out.
    return ProductPage.from_serializable_data({**content, "pk": None, "title": kept.title}, check_fks=True)


def _free_slug(index: ProductIndexPage, title: str) -> str:
    stem = slugify(title, allow_unicode=True)[:200] or "product"
    taken = set(index.get_children().filter(slug__startswith=stem).values_list("slug", flat=True))
    number, slug = 1, stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


def _freed_code(code: str) -> str:
    number = 1
    while True:
        ending = "-OLD" if number == 1 else f"-OLD-{number}"
        freed = code[: CODE_LENGTH - len(ending)] + ending
        if not Sku.objects.filter(code=freed).exists():
            return freed
        number += 1
