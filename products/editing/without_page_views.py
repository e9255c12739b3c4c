"""The admin's list of products that no page shows: restore the page, or free an article."""

from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET
from wagtail.admin import messages

from accounts.actors import actor_of
from common import clock
from common.errors import DomainError
from common.http import post_only
from products.editing.variants_table import may_change
from products.models import Product, Sku
from products.services.without_page import free_article, restore_page

PER_PAGE = 50
HERE = "products_admin:without-page"


def without_page() -> QuerySet[Product]:
    """Return the products with variants that no page shows, those deleted last first."""
    skus = Sku.objects.annotate(on_hand=Sum("levels__on_hand"), reserved=Sum("levels__reserved"))
    products = Product.objects.filter(pages=None, skus__isnull=False).distinct().select_related("kept_page")
    skus = skus.order_by("sort_order", "id")
    return products.prefetch_related(Prefetch("skus", skus)).order_by("-kept_page__kept_at", "-id")


@require_GET
def show_without_page(request: HttpRequest) -> HttpResponse:
    """List them with their articles and stock; `?article=` shows the one that holds it."""
    if not may_change(request.user):
        return _refuse(request)
    article = request.GET.get("article", "")
    products = without_page().filter(skus__code=article) if article else without_page()
    page = Paginator(products, PER_PAGE).get_page(request.GET.get("p"))
    return TemplateResponse(request, "products/admin/without_page.html", {"products": page, "article": article})


@post_only
def restore_product(request: HttpRequest, product_id: int) -> HttpResponse:
    """Make a draft page for a product again and lead to its editor."""
    if not may_change(request.user):
        return _refuse(request)
    try:
        page = restore_page(product_id=product_id, actor=actor_of(request.user))
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(HERE)
    text = gettext("%(title)s is a draft again. Put its variants back on sale in their tab, then publish it.")
    messages.success(request, text % {"title": page.title})
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    return redirect(address if page.permissions_for_user(request.user).can_edit() else HERE)


@post_only
def free_sku(request: HttpRequest, sku_id: int) -> HttpResponse:
    """Rename a variant of a product without page, so that its article can be used again."""
    if not may_change(request.user):
        return _refuse(request)
    before = Sku.objects.filter(pk=sku_id).values_list("code", flat=True).first()
    try:
        sku = free_article(sku_id=sku_id, actor=actor_of(request.user), at=clock.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        text = gettext("The article %(before)s is free. The old variant is %(now)s now; orders keep what they say.")
        messages.success(request, text % {"before": before, "now": sku.code})
    return redirect(HERE)


def _refuse(request: HttpRequest) -> HttpResponse:
    messages.error(request, gettext("Your role may not change products."))
    return redirect("wagtailadmin_home")
