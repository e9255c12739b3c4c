"""The cart of a request, and its cookies. The only place that reads and writes them."""

import datetime as dt
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse

from accounts.models import User
from checkout.models import Cart
from checkout.selectors import find_cart
from checkout.services.cart import KEPT_FOR, look_at_cart
from stock.models import Shop

COOKIE, SALT, SHOP_COOKIE, HINT_COOKIE = "cart", "cart", "shop", "shop_state"
YEAR = 365 * 24 * 3600


def token_of(request: HttpRequest) -> str | None:
    """Return the guest's cart token, or None if there is none or it is forged or expired."""
    return request.get_signed_cookie(COOKIE, default=None, salt=SALT, max_age=int(KEPT_FOR.total_seconds()))


def user_of(request: HttpRequest) -> User | None:
    """Return the signed-in user."""
    return request.user if request.user.is_authenticated else None


def cart_of(request: HttpRequest) -> Cart | None:
    """Return the visitor's open cart. Reads only: a page view creates no row."""
    return find_cart(token=token_of(request), user=user_of(request))


def seen_cart(request: HttpRequest, at: dt.datetime, *, takes_notes: bool = False) -> Cart | None:
    """Return the visitor's open cart for a page that shows it (see `look_at_cart`); HEAD changes nothing.

    Answer with `keep_cart`, which then forgets the guest's cookie.
    """
    if request.method == "HEAD":
        return cart_of(request)
    return look_at_cart(token=token_of(request), user=user_of(request), takes_notes=takes_notes, at=at)


def shop_of(request: HttpRequest, shops: Sequence[Shop]) -> Shop | None:
    """Return the shop among these that the visitor's cookie names."""
    return next((shop for shop in shops if shop.code == request.COOKIES.get(SHOP_COOKIE)), None)


def keep_cart(request: HttpRequest, response: HttpResponse, cart: Cart) -> HttpResponse:
    """Keep the cart in the browser, and a cookie that tells the header to show it."""
    if request.method == "HEAD":
        return response
    age = int(KEPT_FOR.total_seconds())
    secure = request.is_secure()
    if cart.user_id is None:
        response.set_signed_cookie(
            COOKIE, cart.token, salt=SALT, max_age=age, httponly=True, samesite="Lax", secure=secure
        )
    elif COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE, samesite="Lax")
    response.set_cookie(HINT_COOKIE, "1", max_age=age, samesite="Lax", secure=secure)
    return response


def keep_shop(request: HttpRequest, response: HttpResponse, shop: Shop) -> HttpResponse:
    """Keep the shop in a cookie that the browser reads to mark it."""
    response.set_cookie(SHOP_COOKIE, shop.code, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response
