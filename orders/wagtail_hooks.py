"""Hooks of the CMS: a warning before pages of ordered products are deleted."""

from django.http import HttpRequest
from django.utils.translation import ngettext
from wagtail import hooks
from wagtail.admin import messages
from wagtail.models import Page

from orders.models import OrderLine
from products.models import ProductPage


@hooks.register("before_delete_page")
def warn_about_ordered_products(request: HttpRequest, page: Page) -> None:
    """Say how many products at or below this page have been ordered; deleting stays allowed."""
    if request.method == "POST":
        return
    here = ProductPage.objects.filter(path__startswith=page.path)
    ordered = (
        OrderLine.objects.filter(sku__product__in=here.values("product")).values("sku__product").distinct().count()
    )
    if ordered:
        text = ngettext(
            "%(count)d product here has been ordered. Its variants will be archived; its orders stay.",
            "%(count)d products here have been ordered. Their variants will be archived; their orders stay.",
            ordered,
        )
        messages.warning(request, text % {"count": ordered})
