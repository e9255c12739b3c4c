"""The cart page, the drawer and the small posts that change it. Without scripts each post ends on the cart page."""

from decimal import Decimal

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from checkout.carts import cart_of, keep_cart, shop_of, token_of, user_of
from checkout.models import Cart
from checkout.services import cart as carts
from checkout.services.cart_view import CartView, view_cart
from common import clock
from common.errors import DomainError
from common.http import same_origin_post, see_other
from common.money import format_money
from common.quantity import format_quantity, parse_quantity
from products.offers import Offer
from stock.selectors import active_shops


def _view(request: HttpRequest, cart: Cart | None) -> CartView:
    return view_cart(cart, active_shops(), clock.now(), chosen=shop_of(request))


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


@require_GET
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Show the cart; a signed-in visitor with a guest's cookie gets both carts as one."""
    cart = cart_of(request)
    token, user = token_of(request), user_of(request)
    if user is not None and token:
        cart = carts.open_cart(token=token, user=user, at=clock.now())
    view = _view(request, cart)
    if cart is not None and cart.notes:
        carts.clear_notes(cart_id=cart.pk)
    undo = {"code": request.GET.get("removed", "")[:64], "quantity": request.GET.get("quantity", "")[:12]}
    response = render(request, "checkout/cart.html", {"cart": view, "undo": undo, "chosen": shop_of(request)})
    return keep_cart(request, response, cart) if cart is not None else response


@require_GET
@never_cache
def drawer(request: HttpRequest) -> HttpResponse:
    """Show the cart as the drawer's inside."""
    return render(request, "checkout/_drawer.html", {"cart": _view(request, cart_of(request))})


@same_origin_post
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Add an article. `step` of "less" or "more" comes from a card's stepper."""
    code = request.POST.get("code", "")
    try:
        quantity = request.POST.get("quantity", "1")
        if quantity.startswith("-"):
            return _less(request, code, quantity[1:])
        added = carts.add(
            token=token_of(request), user=user_of(request), code=code, quantity=parse_quantity(quantity), at=clock.now()
        )
    except DomainError as error:
        return _refused(request, error)
    said = added.note or gettext("%(name)s: %(quantity)s in your cart.") % {
        "name": added.offer.name,
        "quantity": format_quantity(added.line.quantity, added.offer.unit),
    }
    return keep_cart(request, _done(request, added.cart, added.offer.code, said), added.cart)


def _less(request: HttpRequest, code: str, quantity: str) -> HttpResponse:
    """Take some of a line away; below the minimum the line goes."""
    cart = cart_of(request)
    line = cart.lines.filter(sku__code=code).select_related("sku").first() if cart else None
    if cart is None or line is None:
        raise carts.UnknownArticle(gettext("This is not in your cart any more."))
    rest = line.quantity - parse_quantity(quantity)
    if rest < line.sku.min_quantity:
        rest = Decimal(0)
    said = carts.set_quantity(cart_id=cart.pk, code=code, quantity=rest, at=clock.now())
    return _done(request, cart, code, said or gettext("Your cart was changed."))


@same_origin_post
@require_POST
def update(request: HttpRequest) -> HttpResponse:
    """Set a line's quantity, or remove it when `remove` is pressed or the quantity is zero."""
    code = request.POST.get("code", "")[:64]
    cart = cart_of(request)
    if cart is None:
        return see_other(reverse("cart:page"))
    try:
        if "remove" in request.POST:
            return _removed(request, cart, code)
        wanted = request.POST.get("set") or request.POST.get("quantity", "")
        said = carts.set_quantity(cart_id=cart.pk, code=code, quantity=parse_quantity(wanted), at=clock.now())
    except DomainError as error:
        return _refused(request, error, code)
    return _done(request, cart, code, said or gettext("Your cart was changed."))


def _removed(request: HttpRequest, cart: Cart, code: str) -> HttpResponse:
    quantity = carts.remove(cart_id=cart.pk, code=code)
    if _wants_json(request) or quantity is None:
        return _done(request, cart, code, gettext("Removed from your cart."))
    return see_other(f"{reverse('cart:page')}?removed={code}&quantity={quantity:f}")


def _done(request: HttpRequest, cart: Cart, code: str, said: str) -> HttpResponse:
    if not _wants_json(request):
        return see_other(reverse("cart:page"))
    view = _view(request, cart)
    line = next((line for line in view.lines if line.offer.code == code), None)
    return JsonResponse(
        {
            "code": code,
            "quantity": f"{line.quantity:f}" if line else "0",
            "quantity_text": _short(line.quantity, line.offer) if line else "",
            "count": view.count,
            "sum": format_money(view.quote.total),
            "message": said,
        }
    )


def _short(quantity: Decimal, offer: Offer) -> str:
    return format_quantity(quantity, offer.unit) if offer.is_measured else f"{quantity.normalize():f}"


def _refused(request: HttpRequest, error: DomainError, code: str = "") -> HttpResponse:
    """Say why not: as JSON to a script, else on the cart page with what was typed kept on its line."""
    if _wants_json(request):
        return JsonResponse({"code": error.code, "message": error.message}, status=422)
    typed = {"code": code, "quantity": request.POST.get("quantity", "")[:20], "message": error.message}
    context = {"cart": _view(request, cart_of(request)), "refusal": typed, "chosen": shop_of(request)}
    return render(request, "checkout/cart.html", context, status=422)
