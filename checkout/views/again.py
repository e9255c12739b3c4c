"""The button that puts an earlier order into the cart again."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from checkout.carts import keep_cart, token_of, user_of
from checkout.services import again
from checkout.views.cart import refused
from common import clock
from common.http import post_only, same_origin_post, see_other
from orders.selectors import order_by_token


@same_origin_post(_("Order again"))
@post_only
def order_again(request: HttpRequest) -> HttpResponse:
    """Put what the order of this token had into the cart; who may see an order may do that."""
    order = order_by_token(request.POST.get("order", "")[:64])
    if order is None:
        raise Http404("no such order")
    try:
        cart = again.order_again(order=order, token=token_of(request), user=user_of(request), at=clock.now())
    except again.NothingLeft as error:
        return refused(request, error)
    return keep_cart(request, see_other(reverse("cart:page")), cart)
