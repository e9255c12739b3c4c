"""Cart and checkout."""

from django.urls import include, path

from checkout.views import again, cart, checkout

cart_patterns = (
    [
        path("", cart.page, name="page"),
        path("add/", cart.add, name="add"),
        path("update/", cart.update, name="update"),
        path("again/", again.order_again, name="again"),
        path("drawer/", cart.drawer, name="drawer"),
    ],
    "cart",
)
checkout_patterns = ([path("", checkout.page, name="page")], "checkout")

urlpatterns = [
    path("cart/", include(cart_patterns)),
    path("checkout/", include(checkout_patterns)),
]
