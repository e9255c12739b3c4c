"""The checkout: one page, one post."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from checkout.carts import cart_of, keep_shop, shop_of, token_of, user_of
from checkout.forms import ContactForm
from checkout.models import Cart
from checkout.services import cart as carts
from checkout.services.cart_view import CartView, view_cart
from checkout.services.place_order import (
    Busy,
    Buyer,
    CartEmpty,
    CartGone,
    LineNotOnSale,
    OutOfStock,
    ShopClosed,
    TotalChanged,
    TotalTooLarge,
)
from checkout.services.submit import submit_checkout
from common import clock
from common.actors import GUEST, Actor
from common.errors import DomainError
from common.http import same_origin_post, see_other
from orders.models import Order
from stock.selectors import active_shops

CONFLICTS = (TotalChanged, TotalTooLarge, OutOfStock, LineNotOnSale, ShopClosed)


@same_origin_post
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Show the form, or place the order and send the buyer to the bank or to the order's page."""
    token, user = token_of(request), user_of(request)
    cart = carts.open_cart(token=token, user=user, at=clock.now()) if user and token else cart_of(request)
    if request.method == "POST":
        return _submit(request, cart)
    view = _view(request, cart)
    if not view.lines:
        return see_other(reverse("cart:page"))
    form = ContactForm(initial=_initial(request, view), shops=view.shops)
    return _show(request, view, form)


def _view(request: HttpRequest, cart: Cart | None) -> CartView:
    return view_cart(cart, active_shops(), clock.now(), chosen=shop_of(request))


def _initial(request: HttpRequest, view: CartView) -> dict[str, object]:
    """Prefill what we know: the chosen shop, else the first that can fill the cart; the customer's contact."""
    chosen = shop_of(request)
    usable = [shop for shop in view.shops if shop.can_fill] or list(view.shops)
    first = next((shop for shop in usable if chosen and shop.shop.pk == chosen.pk), usable[0] if usable else None)
    known: dict[str, object] = {
        "shop": first.shop.code if first else "",
        "payment_method": "on_collection",
        "confirmed_total": view.quote.total,
    }
    user = user_of(request)
    if user is not None:
        phone = user.phone.as_national if user.phone else ""
        known.update(name=user.name or "", phone=phone, email=user.email or "")
    return known


def _show(
    request: HttpRequest,
    view: CartView,
    form: ContactForm,
    *,
    status: int = 200,
    conflict: DomainError | None = None,
) -> HttpResponse:
    short = conflict.extra.get("short", {}) if conflict else {}
    context = {
        "cart": view,
        "form": form,
        "conflict": conflict,
        "short_lines": [line for line in view.lines if line.offer.sku_id in short],
        "other_shops": conflict.extra.get("shops", []) if conflict else [],
        "currency": settings.SHOP_CURRENCY,
        "picked": form["shop"].value(),
        "method": form["payment_method"].value(),
    }
    return render(request, "checkout/checkout.html", context, status=status)


def _submit(request: HttpRequest, cart: Cart | None) -> HttpResponse:
    cart = cart or _closed_cart(request)
    if cart is None:
        return see_other(reverse("cart:page"))
    view = _view(request, cart)
    form = ContactForm(request.POST, shops=view.shops)
    if not form.is_valid():
        return _show(request, view, _with_total(form, view), status=422)
    data = form.cleaned_data
    user = user_of(request)
    try:
        done = submit_checkout(
            cart_id=cart.pk,
            buyer=Buyer(data["name"], data["phone"], data["email"], data["comment"], user.pk if user else None),
            shop_id=form.shops[data["shop"]].shop.pk,
            payment_method=data["payment_method"],
            confirmed_total=data["confirmed_total"],
            language=get_language() or settings.LANGUAGE_CODE,
            return_url=lambda order: f"{settings.SITE_URL}{reverse('orders:return', args=[order.token])}",
            actor=Actor(user.get_short_name() or "customer", user.pk) if user else GUEST,
            at=clock.now(),
        )
    except (CartEmpty, CartGone):
        return see_other(reverse("cart:page"))
    except Busy as error:
        response = _show(request, view, form, status=503, conflict=error)
        response["Retry-After"] = str(error.extra["retry_after"])
        return response
    except CONFLICTS as error:
        return _conflict(request, cart, form, error)
    response = see_other(done.redirect_url or reverse("orders:status", args=[done.order.token]))
    return keep_shop(request, response, form.shops[data["shop"]].shop)


def _closed_cart(request: HttpRequest) -> Cart | None:
    """Return the cart that was just ordered from this browser, so that a second click finds its order."""
    token, user = token_of(request), user_of(request)
    mine = Cart.objects.filter(user=user) if user else Cart.objects.filter(user=None, token=token or "")
    return mine.filter(closed_at__isnull=False).order_by("-closed_at").first()


def _conflict(request: HttpRequest, cart: Cart, form: ContactForm, error: DomainError) -> HttpResponse:
    """The world changed: show it as it is now, keep what was typed, ask again. A placed order leads to its page."""
    placed = error.extra.get("order")
    if isinstance(placed, Order):
        view = _view(request, cart)
        return render(request, "checkout/already_ordered.html", {"order": placed, "cart": view}, status=409)
    view = _view(request, cart)
    return _show(request, view, _with_total(form, view), status=409, conflict=error)


def _with_total(form: ContactForm, view: CartView) -> ContactForm:
    """Let the form carry the total that is shown now: the buyer confirms what he sees."""
    form.data = form.data.copy()
    form.data["confirmed_total"] = f"{view.quote.total:f}"
    return form
