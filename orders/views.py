"""The buyer's pages: status, paying, return from the bank, cancelling, documents, finding an order."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts.actors import actor_of
from common import clock
from common.actors import GUEST, Actor
from common.errors import DomainError
from common.http import add_domain_error, client_network, post_only, private, see_other
from common.throttle import TooManyAttempts
from common.urls import absolute
from orders import selectors
from orders.documents.response import pdf_response
from orders.forms import FindOrderForm, InvoiceForm
from orders.gateways.base import UNREADABLE, BadSignature
from orders.gateways.registry import UnknownGateway, get_gateway
from orders.models import Order
from orders.payments.inbox import browser_returned, receive_and_process
from orders.payments.start import PaymentNotStarted, start_payment
from orders.presenters import status as status_page
from orders.presenters.calendar import calendar_file
from orders.presenters.mine import overview, rows_of
from orders.services.cancel import cancel_order
from orders.services.documents import BuyerUnknown, issue_invoice, issue_receipt
from orders.services.look_up import look_up_order
from stock.moments import clock as clock_text

LARGEST_NOTICE = 64 * 1024
POLL_SECONDS = 10


@require_safe
def status(request: HttpRequest, token: str) -> HttpResponse:
    """Show the order: a thank-you page that stays up to date."""
    return _status_page(request, _order(token))


@require_safe
def fragment(request: HttpRequest, token: str) -> HttpResponse:
    """Answer the page's polling with its live part, or with 304 if nothing has changed."""
    order, at = _order(token), clock.now()
    is_owner = selectors.is_owner(order, request.user)
    etag = quote_etag(status_page.version(order, at=at, is_owner=is_owner))
    response = get_conditional_response(request, etag=etag)
    if response is None:
        page = status_page.build(order, at=at, is_owner=is_owner)
        response = render(request, "orders/_live.html", {"page": page, "order": order})
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return _quiet(response)


@post_only
def pay(request: HttpRequest, token: str) -> HttpResponse:
    """Send the buyer to the bank, for the first time or again."""
    order = _order(token)
    try:
        payment = start_payment(
            order_id=order.pk, return_url=return_url(order), actor=_actor(request, order), at=clock.now()
        )
    except PaymentNotStarted as error:
        return _status_page(request, order, error=error.message, code=503)
    except DomainError as error:
        return _status_page(request, _order(token), error=error.message, code=409)
    return private(see_other(payment.redirect_url))


@require_GET
def return_from_gateway(request: HttpRequest, token: str) -> HttpResponse:
    """Receive the buyer from the bank; the address proves nothing, so the bank itself is asked."""
    order = _order(token)
    browser_returned(order_id=order.pk, at=clock.now())
    return private(see_other(reverse("orders:status", args=[token])))


@post_only
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    """Cancel the order, as long as the shop has not begun."""
    order = _order(token)
    try:
        cancel_order(order_id=order.pk, reason="", actor=_actor(request, order), at=clock.now())
    except DomainError as error:
        return _status_page(request, _order(token), error=error.message, code=409)
    return private(see_other(reverse("orders:status", args=[token])))


@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """Return the appointment as a calendar file."""
    order = _order(token)
    response = HttpResponse(calendar_file(order, at=clock.now()), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="order-{order.number}.ics"'
    return _quiet(private(response))


@post_only
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """Issue the receipt of a paid order and show it."""
    order = _order(token)
    try:
        issued = issue_receipt(order_id=order.pk, actor=_actor(request, order), at=clock.now())
    except DomainError as error:
        return _status_page(request, _order(token), error=error.message, code=409)
    return private(see_other(reverse("orders:document", args=[token, issued.name])))


@post_only
def invoice(request: HttpRequest, token: str) -> HttpResponse:
    """Issue the invoice of a paid order to the buyer who is typed in; the page then links to it."""
    order, form = _order(token), InvoiceForm(request.POST)
    if not form.is_valid():
        return _status_page(request, order, invoice_form=form, code=422)
    try:
        issue_invoice(order_id=order.pk, buyer=form.buyer, actor=_actor(request, order), at=clock.now())
    except BuyerUnknown as error:
        add_domain_error(form, error)
        return _status_page(request, _order(token), invoice_form=form, code=422)
    except DomainError as error:
        return _status_page(request, _order(token), error=error.message, invoice_form=form, code=409)
    return private(see_other(reverse("orders:status", args=[token])))


@require_safe
def document(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """Return a document of the order as PDF."""
    found = selectors.document_of(_order(token), name)
    if found is None:
        raise Http404
    return _quiet(pdf_response(found))


@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Find a guest's order by number and contact; every miss gets the same answer."""
    if request.method != "POST":
        return _find_page(request, FindOrderForm())
    form = FindOrderForm(request.POST)
    if not form.is_valid():
        return _find_page(request, form, status=422)
    try:
        order = look_up_order(**form.cleaned_data, network=client_network(request), at=clock.now())
    except TooManyAttempts as error:
        form.add_error(None, error.message)
        response = _find_page(request, form, status=429)
        response.headers["Retry-After"] = str(error.extra["retry_after"])
        return response
    if order is None:
        form.add_error(None, gettext("We can’t find an order with this number and this phone or email."))
        return _find_page(request, form, status=422)
    return private(see_other(reverse("orders:status", args=[order.token])))


def _find_page(request: HttpRequest, form: FindOrderForm, status: int = 200) -> HttpResponse:
    return _quiet(private(render(request, "orders/find.html", {"form": form}, status=status)))


@login_required
@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    """List the orders of the signed-in customer."""
    rows = rows_of(selectors.orders_of(request.user))
    return _quiet(private(render(request, "orders/list.html", {"rows": rows})))


@login_required
@require_safe
def overview_page(request: HttpRequest) -> HttpResponse:
    """Show the first page of My account: what is under way, and the way to everything else."""
    context = {"overview": overview(selectors.orders_of(request.user)), "visitor": request.user}
    return _quiet(private(render(request, "orders/overview.html", context)))


@csrf_exempt
@post_only
def webhook(request: HttpRequest, gateway: str) -> HttpResponse:
    """Receive a gateway's notice: check the signature, store it, then try to act on it."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > LARGEST_NOTICE:
        return _plain("too large\n", 413)
    try:
        event = get_gateway(gateway).parse_event(request.body, request.headers, at=clock.now())
    except UnknownGateway:
        return _plain("unknown gateway\n", 404)
    except BadSignature:
        return _plain("not signed\n", 401)
    except UNREADABLE:
        return _plain("unreadable\n", 400)
    receive_and_process(
        gateway=gateway,
        event_id=event.event_id,
        kind=event.kind,
        payment_public_id=event.key,
        body=event.body,
        at=clock.now(),
    )
    return _plain("ok\n", 200)


def return_url(order: Order) -> str:
    """Return the absolute address to which the gateway sends the browser back."""
    return absolute("orders:return", order.token)


def _order(token: str) -> Order:
    order = selectors.order_by_token(token)
    if order is None:
        raise Http404
    return order


def _actor(request: HttpRequest, order: Order) -> Actor:
    """Return the order's customer by name; anybody else with the link acts as the guest it was given to."""
    user = request.user
    if user.is_authenticated and order.user_id == user.pk:
        return actor_of(user)
    return GUEST


def _status_page(
    request: HttpRequest,
    order: Order,
    *,
    error: str = "",
    invoice_form: InvoiceForm | None = None,
    code: int = 200,
) -> HttpResponse:
    at, is_owner = clock.now(), selectors.is_owner(order, request.user)
    page = status_page.build(order, at=at, is_owner=is_owner)
    status_page.add_pictures(page.lines)
    context = {
        "page": page,
        "order": order,
        "error": error,
        "invoice_form": invoice_form or InvoiceForm(initial={"name": (order.name or "") if is_owner else ""}),
        "version": status_page.version(order, at=at, is_owner=is_owner),
        "updated_at": clock_text(at, order.shop),
        "poll_seconds": POLL_SECONDS,
    }
    return _quiet(private(render(request, "orders/status.html", context, status=code)))


def _quiet(response: HttpResponse) -> HttpResponse:
    """Keep the secret address out of search engines and other sites' logs."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    return response


def _plain(text: str, status: int) -> HttpResponse:
    return private(HttpResponse(text, content_type="text/plain", status=status))
