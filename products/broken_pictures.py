"""Broken pictures of products: unreadable, lost or never cut. Staff see them listed, buyers see the shop's mark."""

import datetime as dt

from django.db.models import Exists, OuterRef, QuerySet

from common.models import Picture, PictureRendition
from products.models import ProductImage, ProductPage
from products.pictures import CARD_SPECS

# The worker cuts the pictures of a published page within a minute; after ten it has failed.
PATIENCE = dt.timedelta(minutes=10)


def broken_pictures(at: dt.datetime) -> QuerySet[Picture]:
    """Return the pictures of live products that have no rendition although there was time to make one."""
    pages = ProductPage.objects.filter(live=True, last_published_at__lt=at - PATIENCE)
    chosen = ProductImage.objects.filter(page__in=pages).values("image_id")
    made = PictureRendition.objects.filter(image=OuterRef("pk"), filter_spec=CARD_SPECS[0])
    return Picture.objects.filter(~Exists(made), pk__in=chosen).order_by("title", "id")
