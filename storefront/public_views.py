"""The personal fragment of the header, the shop picker, sitemap and robots, the style guide."""

import json

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_safe
from django.views.static import serve
from wagtail.admin.userbar import Userbar
from wagtail.models import Page

from accounts.roles import is_staff_member
from checkout.carts import keep_cart, keep_shop, seen_cart, user_of
from checkout.presenters.cart import sum_cart
from common import clock
from common.http import post_only, same_origin_post, see_other
from common.urls import absolute_path
from stock.selectors import shop_by_code
from storefront.accent import palette, parse, style_sheet
from storefront.shell import load_shell
from storefront.styleguide import samples

HOUR, YEAR = 3600, 365 * 24 * 3600


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Redirect browsers that ask for an icon by its usual name to the one the pages link to."""
    shell = load_shell()
    if shell.look.icon:
        return redirect(shell.look.icon.url)
    return redirect(static("img/favicon.svg" if shell.is_demo else "img/shop.svg"))


@require_safe
@cache_control(public=True, max_age=YEAR, immutable=True)
def accent(request: HttpRequest, colour: str, version: str) -> HttpResponse:
    """Return the style sheet of an accent colour, given as six digits; `version` changes with its contents."""
    try:
        chosen = palette(parse(f"#{colour}"))
    except ValueError as error:
        raise Http404 from error
    return HttpResponse(style_sheet(chosen), content_type="text/css")


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Return a public file under MEDIA_ROOT; a web server or a bucket does this for larger shops.

    Browsers keep cut pictures for a year: another content gets another address. Originals may be replaced.
    """
    response = serve(request, path, document_root=settings.MEDIA_ROOT)
    is_cut = path.startswith("images/")
    patch_cache_control(
        response, public=True, max_age=YEAR if is_cut else HOUR, **({"immutable": True} if is_cut else {})
    )
    return response


@require_GET
@never_cache
def header(request: HttpRequest) -> HttpResponse:
    """Return the personal part of the header: name, cart, messages, and the userbar for editors."""
    cart = seen_cart(request, clock.now())
    figures = sum_cart(cart, clock.now())
    user = user_of(request)
    account = reverse("staff:board") if user and is_staff_member(user) else reverse("orders:overview")
    context = {
        "figures": figures,
        "amounts": json.dumps(figures.amounts),
        "visitor": user,
        "account_url": account,
        "userbar": _userbar(request),
    }
    response = render(request, "storefront/header_fragment.html", context)
    return keep_cart(request, response, cart) if cart is not None and cart.user_id else response


def _userbar(request: HttpRequest) -> str:
    """Return Wagtail's userbar for the page named in the query, for people who may edit."""
    number = request.GET.get("page", "")
    if not (request.user.is_authenticated and request.user.has_perm("wagtailadmin.access_admin")):
        return ""
    page = (
        Page.objects.filter(pk=int(number)).first()
        if number.isascii() and number.isdigit() and len(number) < 12
        else None
    )
    if page is None:
        return ""
    request.is_preview = False
    return Userbar(object=page.specific, position="bottom-right").render_html({"request": request, "page": page})


@same_origin_post(_("Choose this shop"))
@post_only
def choose_shop(request: HttpRequest) -> HttpResponse:
    """Remember the shop and return the visitor to the page they were on."""
    shop = shop_by_code(request.POST.get("shop"))
    if shop is None:
        raise Http404("no such shop")
    back = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return keep_shop(request, see_other(back if safe else reverse("wagtail_serve", args=[""])), shop)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Keep robots away from personal pages and point them to the sitemap."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in ("/cart/", "/checkout/", "/orders/", "/staff/", "/admin/")),
    ]
    return HttpResponse("\n".join([*lines, f"Sitemap: {absolute_path('/sitemap.xml')}", ""]), content_type="text/plain")


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every component, in development and in the demo."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404("no style guide here")
    return render(request, "storefront/styleguide.html", {"sample": samples(load_shell().open_shops)})
