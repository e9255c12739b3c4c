"""The checkout: one page, one post. A post that only fixes the cart keeps the typed values."""

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.actors import actor_of
from checkout.carts import cart_of, keep_cart, keep_shop, seen_cart, shop_of, token_of, user_of
from checkout.forms import ContactForm
from checkout.models import Cart
from checkout.presenters.cart import CartContents, ShopOffer, view_cart
from checkout.refusals import (
    AlreadyOrdered,
    CartEmpty,
    CartGone,
    LineNotOnSale,
    ShopClosed,
    TotalChanged,
    TotalTooLarge,
)
from checkout.selectors import meant_cart
from checkout.services import cart as carts
from checkout.services.place_order import NewOrder
from checkout.services.submit import submit_checkout
from common import clock
from common.actors import GUEST
from common.busy import Busy
from common.errors import DomainError
from common.http import private, see_other
from common.quantity import parse_quantity
from common.urls import absolute
from orders.gateways.registry import is_online, offered
from orders.models import Order
from orders.services.create import Buyer
from stock.models import Shop
from stock.selectors import known_shops
from stock.services.reserve import OutOfStock

CONFLICTS = (AlreadyOrdered, TotalChanged, TotalTooLarge, OutOfStock, LineNotOnSale, ShopClosed)


class PageTooOld(DomainError):
    """The checkout page came with a token that is no longer valid."""

    code = "page_too_old"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Show the form, or place the order and send the buyer to the bank or to the order's page."""
    is_post = request.method == "POST"
    cart = seen_cart(request, clock.now(), takes_notes=not is_post)
    if is_post:
        return _fix(request, cart) if "fix" in request.POST else _submit(request, cart)
    shops = known_shops()
    view = _view(request, cart, shops)
    if cart is None or not view.lines:
        return see_other(reverse("cart:page"))
    form = ContactForm(initial=_initial(request, cart, view, shop_of(request, shops)), shops=shops)
    return keep_cart(request, _show(request, view, form), cart)


def _view(request: HttpRequest, cart: Cart | None, shops: Sequence[Shop]) -> CartContents:
    """Build the cart for the shop chosen in the form, or else the one in the visitor's cookie."""
    marked = next((shop for shop in shops if shop.code == request.POST.get("shop")), None)
    return view_cart(cart, shops, clock.now(), chosen=marked or shop_of(request, shops))


def show_again(request: HttpRequest) -> HttpResponse:
    """Show the form as typed, with a fresh token, after a page of ours came with an old one. Nothing is ordered."""
    cart = cart_of(request)
    if cart is None:
        return see_other(reverse("cart:page"))
    error = PageTooOld(gettext("This page was open for a long time. Please look at it and place the order again."))
    return private(_again(request, cart, ContactForm(request.POST, shops=known_shops()), status=403, conflict=error))


def _initial(request: HttpRequest, cart: Cart, view: CartContents, chosen: Shop | None) -> dict[str, object]:
    """Prefill the chosen shop, or else the first that can fill the cart, and the customer's contact."""
    usable = [shop for shop in view.shops if shop.can_fill] or [shop for shop in view.shops if shop.promised_at]
    first = next((shop for shop in usable if chosen and shop.shop.pk == chosen.pk), usable[0] if usable else None)
    known: dict[str, object] = {
        "shop": first.shop.code if first else "",
        "payment_method": offered()[0].code,
        **_shown(cart, view),
    }
    user = user_of(request)
    if user is not None:
        phone = user.phone.as_international if user.phone else ""
        known.update(name=user.name or "", phone=phone, email=user.email or "")
    return known


def _shown(cart: Cart, view: CartContents) -> dict[str, str]:
    """Return the hidden fields: the cart, total and prices on the page, which the buyer confirms."""
    return {
        "cart_key": str(cart.public_id),
        "confirmed_total": f"{view.quote.total:f}",
        "confirmed_quote": view.quote.fingerprint,
    }


def _show(
    request: HttpRequest,
    view: CartContents,
    form: ContactForm,
    *,
    status: int = 200,
    conflict: DomainError | None = None,
) -> HttpResponse:
    context = {
        "cart": view,
        "form": form,
        "conflict": conflict,
        "lines_to_fix": [line for line in view.lines if any(notice.code != "price_changed" for notice in line.notices)]
        if conflict
        else [],
        "other_shops": conflict.extra.get("shops", []) if conflict else [],
        "open_shops": [shop for shop in view.shops if shop.promised_at],
        "picked": form["shop"].value(),
        "instead": _instead(request, view, form["shop"].value()) if request.method != "POST" else None,
        "method": form["payment_method"].value(),
        "pays_now": is_online(form["payment_method"].value() or ""),
    }
    return render(request, "checkout/checkout.html", context, status=status)


def _instead(request: HttpRequest, view: CartContents, picked: str) -> dict[str, ShopOffer] | None:
    """Return the visitor's own shop and the one picked in its place, or None if they are the same or none is chosen."""
    chosen = shop_of(request, [shop.shop for shop in view.shops])
    by_code = {shop.shop.code: shop for shop in view.shops}
    if chosen is None or not picked or picked == chosen.code:
        return None
    return {"mine": by_code[chosen.code], "other": by_code[picked]}


def _fix(request: HttpRequest, cart: Cart | None) -> HttpResponse:
    """Change one line from the checkout (`fix` is ARTICLE=QUANTITY, zero removes it) and show the form as typed."""
    if cart is None:
        return see_other(reverse("cart:page"))
    code, _, quantity = request.POST["fix"].rpartition("=")
    shops = known_shops()
    try:
        carts.set_quantity(cart_id=cart.pk, code=code, quantity=parse_quantity(quantity), at=clock.now())
    except DomainError as error:
        view = _view(request, cart, shops)
        return _show(request, view, _as_typed(request, cart, view, shops), status=409, conflict=error)
    view = _view(request, cart, shops)
    if not view.lines:
        return see_other(reverse("cart:page"))
    return _show(request, view, _as_typed(request, cart, view, shops))


def _as_typed(request: HttpRequest, cart: Cart, view: CartContents, shops: Sequence[Shop]) -> ContactForm:
    """Return the form with the typed values, unchecked, for the cart and total shown now."""
    typed = {**request.POST.dict(), **_shown(cart, view)}
    return ContactForm(initial=typed, shops=shops)


def _submit(request: HttpRequest, cart: Cart | None) -> HttpResponse:
    form = ContactForm(request.POST, shops=known_shops())
    is_valid = form.is_valid()
    shown = form.cleaned_data.get("cart_key")
    meant = meant_cart(current=cart, shown=shown, token=token_of(request), user=user_of(request))
    cart = meant.cart
    if cart is None:
        return see_other(reverse("cart:page"))
    if not is_valid:
        return _again(request, cart, form, status=422)
    if meant.is_another:
        changed = gettext("This page showed another cart. Please look at it and confirm again.")
        return _again(request, cart, form, status=409, conflict=TotalChanged(changed))
    shop = form.shops[form.cleaned_data["shop"]]
    try:
        order, redirect_url = _place(request, cart, form, shop)
    except (CartEmpty, CartGone):
        return see_other(reverse("cart:page"))
    except Busy as error:
        response = _again(request, cart, form, status=503, conflict=error)
        response["Retry-After"] = str(error.extra["retry_after"])
        return response
    except CONFLICTS as error:
        return _conflict(request, cart, form, error)
    return keep_shop(request, see_other(redirect_url or reverse("orders:status", args=[order.token])), shop)


def _place(request: HttpRequest, cart: Cart, form: ContactForm, shop: Shop) -> tuple[Order, str | None]:
    data, user = form.cleaned_data, user_of(request)
    new = NewOrder(
        cart_id=cart.pk,
        buyer=Buyer(data["name"], data["phone"], data["email"], data["comment"], user.pk if user else None),
        shop_id=shop.pk,
        payment_method=data["payment_method"],
        confirmed_total=data["confirmed_total"],
        confirmed_quote=data["confirmed_quote"],
        language=get_language() or settings.LANGUAGE_CODE,
    )
    done = submit_checkout(
        new=new,
        return_url=lambda order: absolute("orders:return", order.token),
        actor=actor_of(user) if user else GUEST,
        at=clock.now(),
    )
    return done.order, done.redirect_url


def _conflict(request: HttpRequest, cart: Cart, form: ContactForm, error: DomainError) -> HttpResponse:
    """Something changed: show the current state with the typed values and ask again, or the order already placed."""
    if isinstance(error, AlreadyOrdered):
        return render(request, "checkout/already_ordered.html", _already_ordered(form, error), status=409)
    return _again(request, cart, form, status=409, conflict=error)


def _already_ordered(form: ContactForm, error: AlreadyOrdered) -> dict[str, object]:
    """Return the existing order and its differences from the request, without anybody's name or phone number."""
    order, differs = error.extra["order"], error.extra["differs"]
    labels = [gettext("Total") if name == "confirmed_total" else form.fields[name].label for name in differs]
    methods = dict(form.fields["payment_method"].choices)
    return {"order": order, "differs": labels, "payment": methods.get(order.payment_method, "")}


def _again(
    request: HttpRequest, cart: Cart, form: ContactForm, *, status: int, conflict: DomainError | None = None
) -> HttpResponse:
    """Show the form as typed, with the current total: the buyer confirms what they see."""
    view = _view(request, cart, list(form.shops.values()))
    form.data = form.data.copy()
    for name, value in _shown(cart, view).items():
        form.data[name] = value
    return _show(request, view, form, status=status, conflict=conflict)
