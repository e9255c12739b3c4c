"""The cart page, the drawer, and the small posts that change the cart; without scripts they end on the cart page."""

import re
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from checkout.carts import cart_of, keep_cart, seen_cart, shop_of, token_of, user_of
from checkout.models import Cart
from checkout.presenters.cart import CartContents, short_amount, sum_cart, view_cart
from checkout.services import cart as carts
from checkout.services.again import NothingLeft
from common import clock
from common.errors import DomainError
from common.http import keeps_cookies, post_only, same_origin_post, see_other
from common.money import format_money
from common.numbers_typed import spell
from common.quantity import BadQuantity, format_quantity, parse_quantity
from common.refusals import wants_json
from products.offers import figures_by_code
from stock.selectors import known_shops

PRESS = re.compile(r"[0-9a-f]{32}")
_STATUS = {carts.UnknownArticle: 404, carts.NotOnSale: 409, carts.CartFull: 409, NothingLeft: 409, BadQuantity: 422}


def _view(request: HttpRequest, cart: Cart | None) -> CartContents:
    shops = known_shops()
    return view_cart(cart, shops, clock.now(), chosen=shop_of(request, shops))


def _context(request: HttpRequest, cart: Cart | None) -> dict[str, Any]:
    view = _view(request, cart)
    added = request.GET.get("added", "")
    return {
        "cart": view,
        "chosen": shop_of(request, [place.shop for place in view.shops]),
        "removed": _removed_line(request),
        "clipped": request.GET.get("clipped", ""),
        "added": added,
        # Only the answer to an add leads to this address, and it set a cookie.
        "keeps_no_cookies": bool(added) and cart is None and not keeps_cookies(request),
    }


def _removed_line(request: HttpRequest) -> dict[str, str] | None:
    """Return the removed line that the address names, for Undo, or None if it names none that can be read."""
    try:
        quantity = parse_quantity(request.GET.get("quantity"))
    except BadQuantity:
        return None
    code = request.GET.get("removed", "")[:64]
    return {"code": code, "quantity": spell(quantity), "said": _said_of_removal(code)} if code else None


def _said_of_removal(code: str) -> str:
    """Name the removed product; a code of nothing visible is not repeated."""
    offer = figures_by_code(code, clock.now())
    if offer is None or not offer.is_shown:
        return gettext("Removed from your cart.")
    return gettext("%(name)s removed.") % {"name": offer.name}


@require_safe
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Show the cart; for a signed-in visitor with a guest's cookie, both carts are merged."""
    cart = seen_cart(request, clock.now(), takes_notes=True)
    response = render(request, "checkout/cart.html", _context(request, cart))
    return response if cart is None else keep_cart(request, response, cart)


@require_safe
@never_cache
def drawer(request: HttpRequest) -> HttpResponse:
    """Show the cart as the content of the drawer."""
    cart = seen_cart(request, clock.now())
    response = render(request, "checkout/_drawer.html", _context(request, cart))
    return response if cart is None else keep_cart(request, response, cart)


@same_origin_post(_("Change my cart"))
@post_only
def add(request: HttpRequest) -> HttpResponse:
    """Add an article; a negative quantity, from a card's stepper, takes some away."""
    code, quantity = request.POST.get("code", ""), request.POST.get("quantity", "1")
    try:
        if quantity.startswith("-"):
            return _less(request, code, parse_quantity(quantity[1:]))
        added = carts.add(
            token=token_of(request),
            user=user_of(request),
            code=code,
            quantity=parse_quantity(quantity),
            press=_press(request),
            at=clock.now(),
        )
    except DomainError as error:
        return refused(request, error)
    # The first cookie: the next page can tell whether the browser kept it.
    is_first = not keeps_cookies(request)
    said = _said_of_add(added)
    done = _done(request, added.cart, added.offer.code, said, clipped=bool(added.note), is_first=is_first)
    return keep_cart(request, done, added.cart)


def _press(request: HttpRequest) -> str:
    """Return the script's key of this press of a button, empty without one."""
    key = request.POST.get("press", "")
    return key if PRESS.fullmatch(key) else ""


def _said_of_add(added: carts.Added) -> str:
    if added.line is None:
        return gettext("Your cart was changed.")
    return added.note or gettext("%(name)s: %(quantity)s in your cart.") % {
        "name": added.offer.name,
        "quantity": format_quantity(added.line.quantity, added.offer.unit),
    }


def _less(request: HttpRequest, code: str, quantity: Decimal) -> HttpResponse:
    """Take some of a line away; below the minimum the line is removed."""
    cart = cart_of(request)
    if cart is None:
        raise carts.UnknownArticle(gettext("This is no longer in your cart."))
    note, had = carts.take_away(cart_id=cart.pk, code=code, quantity=quantity, press=_press(request), at=clock.now())
    if had is not None:
        return _gone(request, cart, code, had)
    return _done(request, cart, code, note or gettext("Your cart was changed."), clipped=bool(note))


@same_origin_post(_("Change my cart"))
@post_only
def update(request: HttpRequest) -> HttpResponse:
    """Change a line: `remove` it, `restore` it in a quantity, `set` it (a button) or to the typed `quantity`."""
    code = request.POST.get("code", "")[:64]
    cart = cart_of(request)
    try:
        if cart is None:
            raise carts.UnknownArticle(gettext("This is no longer in your cart."))
        if "remove" in request.POST:
            return _remove(request, cart, code)
        if "restore" in request.POST:
            quantity = parse_quantity(request.POST["restore"])
            note = carts.restore(cart_id=cart.pk, code=code, quantity=quantity, at=clock.now())
            return _done(request, cart, code, note or gettext("It is back in your cart."), clipped=bool(note))
        quantity = parse_quantity(request.POST.get("set") or request.POST.get("quantity"))
        if quantity == 0:
            return _remove(request, cart, code)
        note = carts.set_quantity(cart_id=cart.pk, code=code, quantity=quantity, at=clock.now())
    except DomainError as error:
        return refused(request, error, code)
    return _done(request, cart, code, note or gettext("Your cart was changed."), clipped=bool(note))


def _remove(request: HttpRequest, cart: Cart, code: str) -> HttpResponse:
    """Remove a line and offer to undo it; a line that is already gone needs no second removal."""
    return _gone(request, cart, code, carts.remove(cart_id=cart.pk, code=code))


def _gone(request: HttpRequest, cart: Cart, code: str, quantity: Decimal | None) -> HttpResponse:
    """Answer a removal; `quantity` is that of the removed line, None if it was not there."""
    undo = {"removed": code, "quantity": spell(quantity)} if quantity is not None else {}
    return _done(request, cart, code, _said_of_removal(code), undo=undo)


def _done(
    request: HttpRequest,
    cart: Cart,
    code: str,
    said: str,
    *,
    undo: dict[str, str] | None = None,
    clipped: bool = False,
    is_first: bool = False,
) -> HttpResponse:
    """Answer a change: the figures to a script, or else the cart page, whose address carries the message.

    `undo` is the query that undoes it, `clipped` the sentence if the line got less than requested; `is_first`: the
    browser had no cookie of ours yet.
    """
    query = urlencode(undo or {})
    if not wants_json(request):
        marks = {"added": code} if is_first else {}
        told = query or urlencode({**marks, "clipped": code} if clipped else marks)
        return see_other(f"{reverse('cart:page')}?{told}" if told else reverse("cart:page"))
    found = sum_cart(cart, clock.now())
    line = found.line_of(code)
    return JsonResponse(
        {
            "code": code,
            "quantity": spell(line.quantity) if line else "0",
            "quantity_text": short_amount(line.quantity, line.sku.unit) if line else "",
            "count": found.count,
            "sum": format_money(found.total),
            "message": said,
            "clipped": clipped,
            "undo": query,
        }
    )


def refused(request: HttpRequest, error: DomainError, code: str = "") -> HttpResponse:
    """Answer a refusal: as JSON to a script, or else on the cart page, with the typed value kept on its line."""
    status = _STATUS.get(type(error), 422)
    if wants_json(request):
        return JsonResponse({"code": error.code, "message": error.message}, status=status)
    context = _context(request, cart_of(request))
    on_line = any(line.offer.code == code for line in context["cart"].lines)
    typed = request.POST.get("set") or request.POST.get("quantity", "")
    context["refusal"] = {"code": code if on_line else "", "quantity": typed[:12], "message": error.message}
    return render(request, "checkout/cart.html", context, status=status)
