"""Addresses of the buyer's pages of orders, under /orders/ and /account/."""

from django.urls import include, path, register_converter

from orders import views


class TokenConverter:
    """Matches exactly the form of an order's token; anything else is a plain 404."""

    regex = "[A-Za-z0-9_-]{43}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class DocumentNameConverter:
    """Matches the form of a document's name: R-2026-000123."""

    regex = "[A-Z0-9]{1,8}-[0-9]{4}-[0-9]{6,10}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(TokenConverter, "order_token")
register_converter(DocumentNameConverter, "document_name")

app_name = "orders"
order_patterns = [
    path("find/", views.find, name="find"),
    path("<order_token:token>/", views.status, name="status"),
    path("<order_token:token>/live/", views.fragment, name="fragment"),
    path("<order_token:token>/pay/", views.pay, name="pay"),
    path("<order_token:token>/return/", views.return_from_gateway, name="return"),
    path("<order_token:token>/cancel/", views.cancel, name="cancel"),
    path("<order_token:token>/calendar.ics", views.calendar, name="calendar"),
    path("<order_token:token>/receipt/", views.receipt, name="receipt"),
    path("<order_token:token>/invoice/", views.invoice, name="invoice"),
    path("<order_token:token>/documents/<document_name:name>.pdf", views.document, name="document"),
]
urlpatterns = [
    path("orders/", include(order_patterns)),
    path("account/", views.overview_page, name="overview"),
    path("account/orders/", views.order_list, name="list"),
]
