"""Admin views of products: the variants tab on its own address, and quick add."""

import datetime as dt
from collections.abc import Container, Sequence
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages
from wagtail.admin.auth import permission_denied
from wagtail.models import Locale, PagePermissionTester, Revision

from accounts.actors import actor_of
from accounts.roles import may
from common import clock
from common.errors import DomainError
from common.http import add_domain_error, post_only, private
from products.editing.forms import QuickAddForm
from products.editing.said import added_said, saved_said
from products.editing.variant_input import BadBody, read
from products.editing.variants_table import may_change, variant_table
from products.models import CataloguePage, ProductIndexPage, ProductPage
from products.services.quick_add import NewProduct, quick_add
from products.services.schedules import dismiss_notice
from products.services.variants import VariantEdit, VariantsRefused, save_variants
from stock.models import Shop

CONFLICT = 409
STATUS = {"conflict": CONFLICT, "bad_body": 400}


@require_http_methods(["GET", "POST"])
def variants(request: HttpRequest, page_id: int) -> HttpResponse:
    """Show the tab (GET, `?fragment=1` without the frame) or save it (POST, JSON in and out).

    Refusals for `fetch` are JSON with their own status: it would read the redirect of a page as 200.
    """
    page = get_object_or_404(ProductPage, pk=page_id, product__isnull=False)
    if request.method == "POST":
        return _save(request, page)
    fragment = "fragment" in request.GET
    if not may_see(request, page):
        return _refuse(403, gettext("You may not see this product.")) if fragment else permission_denied(request)
    template = "products/admin/variants.html" if fragment else "products/admin/variants_page.html"
    return private(TemplateResponse(request, template, _context(request, page)).render())


def may_see(request: HttpRequest, page: ProductPage) -> bool:
    """Return whether this person may see the variants: who edits the page, or may view or change SKUs."""
    user = request.user
    if may_change(user) or user.has_perm("products.view_sku"):
        return True
    return page.permissions_for_user(user).can_edit()


def quick_add_product(request: HttpRequest) -> HttpResponse:
    """Show and read the short form that puts a product on sale."""
    index = ProductIndexPage.objects.filter(locale=Locale.get_default()).first()
    rights = index.permissions_for_user(request.user) if index else None
    if rights is None or not rights.can_add_subpage() or not request.user.has_perm("products.add_sku"):
        messages.error(request, gettext("Your role may not add products."))
        return redirect("wagtailadmin_home")
    shops = list(Shop.objects.open_to_customers().in_order())
    at = clock.now()
    form = QuickAddForm(request.POST or None, shops=shops, may_add_category=_may_add_category(request), at=at)
    if request.method == "POST" and form.is_valid():
        try:
            publish = _may_publish_new(request, rights)
            page = quick_add(new=_new_product(form), publish=publish, actor=actor_of(request.user), at=at)
        except DomainError as error:
            add_domain_error(form, error, error.extra.get("field"))
            if error.code == "code_without_page" and may_change(request.user):
                messages.warning(
                    request, error.message, buttons=[_way_to(error.extra["article"], error.extra["title"])]
                )
        else:
            _say_added(request, form, page)
            return redirect("products_admin:quick-add")
    status = 422 if form.errors else 200
    return TemplateResponse(request, "products/admin/quick_add.html", {"form": form}, status=status)


def _way_to(article: str, title: str) -> str:
    """Return a button to the product without page that holds an article, where it is restored or the article freed."""
    address = f"{reverse('products_admin:without-page')}?{urlencode({'article': article})}"
    return messages.button(address, gettext("Restore “%(title)s” or free the article") % {"title": title})


@post_only
def dismiss(request: HttpRequest, revision_id: int) -> HttpResponse:
    """Take the notice of a missed schedule off the home page of the CMS."""
    revision = Revision.objects.filter(pk=revision_id).select_related("base_content_type", "content_type").first()
    page = revision.content_object if revision else None
    if not isinstance(page, ProductPage) or not page.permissions_for_user(request.user).can_edit():
        messages.error(request, gettext("Your role may not change products."))
    elif dismiss_notice(revision_id=revision_id, actor=actor_of(request.user), at=clock.now()):
        messages.success(
            request, gettext("The notice is dismissed. “%(title)s” is still a draft.") % {"title": page.title}
        )
    return redirect("wagtailadmin_home")


def _say_added(request: HttpRequest, form: QuickAddForm, page: ProductPage) -> None:
    data = form.cleaned_data
    stock = {str(shop): form.stock()[shop.pk] for shop in form.shops if shop.pk in form.stock()}
    buttons = [messages.button(reverse("wagtailadmin_pages:edit", args=[page.pk]), gettext("Edit"))]
    if page.live:
        buttons.insert(0, messages.button(page.get_url(request), gettext("View")))
    said = added_said(page.title, data["price"], data["unit"], stock, is_live=page.live)
    messages.success(request, said, buttons=buttons)


def _may_add_category(request: HttpRequest) -> bool:
    catalogue = CataloguePage.objects.filter(locale=Locale.get_default()).first()
    rights = catalogue.permissions_for_user(request.user) if catalogue else None
    return rights is not None and rights.can_add_subpage() and _may_publish_new(request, rights)


def _may_publish_new(request: HttpRequest, rights: PagePermissionTester) -> bool:
    """Let people who set prices put new products on sale: Wagtail's right to publish covers every page."""
    return rights.can_publish_subpage() or may(request.user, "prices.change")


def _save(request: HttpRequest, page: ProductPage) -> HttpResponse:
    if not may_change(request.user):
        return _refuse(403, gettext("Your role may look at prices and stock, but not change them."))
    at = clock.now()
    try:
        sent = read(request.body)
        saved = save_variants(
            product_id=page.product_id,
            tax=sent.tax,
            edits=sent.edits,
            press=sent.press,
            actor=actor_of(request.user),
            at=at,
        )
    except BadBody as error:
        return _refuse(400, error.message)
    except DomainError as error:
        status = STATUS.get(error.code, 422) if isinstance(error, VariantsRefused) else 422
        refused = error.extra.get("rows", {})
        now = _stored(page, sent.edits, refused, at) if status == CONFLICT else {}
        tax = {"tax_class": error.extra["tax_class"]} if "tax_class" in error.extra else {}
        return _refuse(status, error.message, rows=refused, code=error.code, now=now, **tax)
    context = _context(request, page)
    html = TemplateResponse(request, "products/admin/variants.html", context).render()
    shops = {shop.pk: str(shop) for shop in context["table"].shops}
    message = saved_said(sent.edits, saved, shops, at) if saved else gettext("Variants saved.")
    return private(JsonResponse({"message": message, "html": html.content.decode()}))


def _stored(page: ProductPage, edits: Sequence[VariantEdit], keys: Container[str], at: dt.datetime) -> dict[str, dict]:
    """Return {row key: version and texts as stored now} of the refused rows that exist."""
    rows = {row.sku.pk: row for row in variant_table(page.product_id, at).rows}
    refused = {edit.key: rows[edit.sku_id] for edit in edits if edit.key in keys and edit.sku_id in rows}
    return {key: {"version": row.version, "fields": row.stored} for key, row in refused.items()}


def _context(request: HttpRequest, page: ProductPage) -> dict[str, object]:
    return {
        "page": page,
        "page_id": page.pk,
        "table": variant_table(page.product_id, clock.now()),
        "can_change": may_change(request.user),
        "address": reverse("products_admin:variants", args=[page.pk]),
    }


def _new_product(form: QuickAddForm) -> NewProduct:
    data = form.cleaned_data
    return NewProduct(
        name=data["name"],
        category_id=data["category"].pk if data.get("category") else None,
        new_category=data.get("new_category", ""),
        tax_class_id=data["tax_class"].pk if "tax_class" in data else None,
        key=data["key"],
        price=data["price"],
        unit=data["unit"],
        step=data["step"],
        code=data["code"],
        allergen_status=data["allergen_status"],
        allergens=data["allergens"],
        picture_id=data["picture"].pk if data["picture"] else None,
        stock=form.stock(),
    )


def _refuse(status: int, message: str, **extra: object) -> HttpResponse:
    return private(JsonResponse({"message": message, **extra}, status=status))
