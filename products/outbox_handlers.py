"""Reactions of products to changes of stock, shops and pictures."""

import datetime as dt

from common.models import OutboxMessage, Picture
from common.outbox.services import handles
from products import pictures
from products.models import ProductImage, Sku
from products.services import rows
from stock.models import StockLevel


@handles("stock.band_changed")
def refresh_product(message: OutboxMessage, at: dt.datetime) -> None:
    """Bring the product's best band up to date."""
    rows.refresh(Sku.objects.filter(pk=message.payload["sku_id"]).values_list("product_id", flat=True))


@handles("stock.shop_changed")
def refresh_products_of_shop(message: OutboxMessage, at: dt.datetime) -> None:
    """Bring the best band of everything a shop holds up to date: it was opened or closed to customers."""
    levels = StockLevel.objects.filter(shop_id=message.payload["shop_id"])
    rows.refresh(levels.values_list("sku__product_id", flat=True).distinct())


@handles("products.renditions")
def make_renditions(message: OutboxMessage, at: dt.datetime) -> None:
    """Cut the pictures of a page to all sizes the templates use."""
    shown = ProductImage.objects.filter(page_id=message.payload["page_id"]).values("image_id")
    pictures.make(Picture.objects.filter(pk__in=shown).prefetch_renditions(*pictures.GALLERY_SPECS))
