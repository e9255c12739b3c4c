"""The bank's HTTP server: an API for the shop, a hosted page for the buyer, on the loopback interface."""

import json
import logging
import sys
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from orders.gateways.demo_bank import signing
from orders.gateways.demo_bank.server import pages
from orders.gateways.demo_bank.server.book import Book, Conflict
from orders.gateways.demo_bank.server.config import BadConfig, Config, Faults, from_environment, parse_faults
from orders.gateways.demo_bank.server.notices import Messenger
from orders.gateways.demo_bank.server.reading import (
    LARGEST_BODY,
    BadRequest,
    read_capture,
    read_object,
    read_opening,
    read_refund,
)

logger = logging.getLogger("demo_bank")


class NotAuthenticated(Exception):
    """The API request was not signed with the shop's secret."""


class UnknownPayment(Exception):
    """The shop asks about a payment that is not in the book."""


class Bank(ThreadingHTTPServer):
    """The server with its book and messenger."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, config: Config) -> None:
        self.config = config
        self.book = Book(config)
        super().__init__((config.bind, config.port), Handler)
        self.messenger = Messenger(self.book)
        self.messenger.start()

    def server_close(self) -> None:
        self.messenger.is_stopping.set()
        self.messenger.join(timeout=5)
        super().server_close()
        self.book.close()


class Handler(BaseHTTPRequestHandler):
    """One request. Anything that is not exactly right is answered with a 4xx and changes nothing.

    Answers to an authenticated shop are signed with the secret it used.
    """

    server: Bank
    protocol_version = "HTTP/1.1"
    server_version = "DemoBank"
    sys_version = ""
    timeout = 30
    shop_secret = ""

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def _answer(self, respond: Callable[[list[str], str], None]) -> None:
        url = urlsplit(self.path)
        parts = [part for part in url.path.split("/") if part]
        self.shop_secret = ""
        try:
            respond(parts, url.query)
        except NotAuthenticated:
            self._refuse("not_authenticated", "Sign the request with the shop's secret.", HTTPStatus.UNAUTHORIZED)
        except UnknownPayment:
            self._refuse("unknown_payment", "There is no such payment.", HTTPStatus.NOT_FOUND)
        except BadRequest as error:
            self._refuse("bad_request", str(error), HTTPStatus.BAD_REQUEST)
        except Conflict as error:
            self._refuse("conflict", str(error), HTTPStatus.CONFLICT)
        except ValueError:
            self._refuse("bad_request", "The request cannot be read.", HTTPStatus.BAD_REQUEST)

    def _get(self, parts: list[str], query: str) -> None:
        if not parts:
            self._html(HTTPStatus.OK, pages.front_page())
        elif parts == ["healthz"]:
            self._send(HTTPStatus.OK, b"ok\n", "text/plain")
        elif parts == ["bank.css"]:
            self._send(HTTPStatus.OK, pages.CSS, "text/css")
        elif len(parts) == 2 and parts[0] == "pay":
            self._show_page(parts[1], query)
        elif parts[:1] == ["api"]:
            self._authenticate(b"")
            self._api_get(parts[1:])
        else:
            self._missing()

    def _post(self, parts: list[str], query: str) -> None:
        body = self._body()
        if len(parts) == 2 and parts[0] == "pay":
            self._submit_page(parts[1], body)
        elif parts[:1] == ["api"]:
            self._authenticate(body)
            self._api_post(parts[1:], body)
        else:
            self._missing()

    def _api_get(self, parts: list[str]) -> None:
        if len(parts) == 2 and parts[0] == "payments":
            self._json(self.server.book.snapshot(self._payment_id(parts[1])), HTTPStatus.OK)
        else:
            self._missing()

    def _api_post(self, parts: list[str], body: bytes) -> None:
        book = self.server.book
        if parts == ["payments"]:
            payment = book.open(read_opening(body))
            url = f"{self.server.config.public_url}/pay/{payment['page']}"
            self._json({**book.snapshot(payment["id"]), "url": url}, HTTPStatus.CREATED)
        elif len(parts) == 3 and parts[0] == "payments" and parts[2] == "refunds":
            key, amount = read_refund(body)
            refund_id = book.refund(self._payment_id(parts[1]), key, amount)
            self._json({"id": refund_id, "key": key, "amount": amount}, HTTPStatus.CREATED)
        elif len(parts) == 3 and parts[0] == "payments" and parts[2] in ("capture", "void"):
            payment_id = self._payment_id(parts[1])
            if parts[2] == "capture":
                book.capture(payment_id, read_capture(body))
            else:
                read_object(body, set())
                book.void(payment_id)
            self._json(book.snapshot(payment_id), HTTPStatus.OK)
        else:
            self._missing()

    def _payment_id(self, name: str) -> str:
        payment = self.server.book.find(name)
        if payment is None:
            raise UnknownPayment
        return payment["id"]

    def _show_page(self, page: str, query: str) -> None:
        payment = self.server.book.find_page(page)
        if payment is None:
            self._html(HTTPStatus.NOT_FOUND, pages.missing_page())
            return
        hidden = {name: values[-1] for name, values in parse_qs(query).items()}
        parse_faults(hidden)
        is_open = payment["state"] == "pending" and payment["late_at"] is None
        if is_open:
            text = pages.payment_page(dict(payment), hidden, self.server.config.shop_name, self.server.config.now())
        else:
            text = pages.closed_page(dict(payment))
        self._html(HTTPStatus.OK, text, payment["return_url"])

    def _submit_page(self, page: str, body: bytes) -> None:
        payment = self.server.book.find_page(page)
        if payment is None:
            self._html(HTTPStatus.NOT_FOUND, pages.missing_page())
            return
        form = {name: values[-1] for name, values in parse_qs(body.decode("ascii"), max_num_fields=20).items()}
        action, outcome = form.pop("action", "go"), form.pop("outcome", "pay")
        if action not in ("go", "cancel") or outcome not in pages.OUTCOMES:
            raise BadRequest("Choose one of the outcomes on the page.")
        faults = parse_faults(form, self.server.config.faults)
        self._decide(payment["id"], "cancel" if action == "cancel" else outcome, faults)
        self._send(HTTPStatus.SEE_OTHER, b"", "text/plain", {"Location": payment["return_url"]})

    def _decide(self, payment_id: str, outcome: str, faults: Faults) -> None:
        book = self.server.book
        if outcome == "pay":
            book.approve(payment_id, faults)
        elif outcome == "decline":
            book.decline(payment_id, "insufficient_funds", faults)
        elif outcome == "silent":
            book.approve(payment_id, Faults(drop=True, amount=faults.amount, currency=faults.currency))
        elif outcome == "late":
            book.approve_late(payment_id)
        else:
            book.cancel(payment_id, faults)

    def _authenticate(self, body: bytes) -> None:
        """Remember the secret that the shop signed its request with. Raises NotAuthenticated."""
        config = self.server.config
        header = self.headers.get(signing.HEADER, "")
        self.shop_secret = signing.signed_with(body, header, list(config.secrets), config.now())
        if not self.shop_secret:
            raise NotAuthenticated

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > LARGEST_BODY:
            self.close_connection = True
            raise BadRequest(f"Send a body of at most {LARGEST_BODY} bytes with its Content-Length.")
        return self.rfile.read(int(length))

    def _missing(self) -> None:
        self._refuse("not_found", "There is nothing here.", HTTPStatus.NOT_FOUND)

    def _refuse(self, code: str, error: str, status: HTTPStatus) -> None:
        self._json({"code": code, "error": error}, status)

    def _json(self, data: dict[str, object], status: HTTPStatus) -> None:
        self._send(status, json.dumps(data).encode(), "application/json")

    def _html(self, status: HTTPStatus, text: str, return_url: str = "") -> None:
        back = urlsplit(return_url)
        target = f" {back.scheme}://{back.netloc}" if back.netloc else ""
        policy = f"default-src 'none'; style-src 'self'; img-src data:; form-action 'self'{target}; base-uri 'none'"
        headers = {"Content-Security-Policy": f"{policy}; frame-ancestors 'none'"}
        self._send(status, text.encode(), "text/html; charset=utf-8", headers)

    def _send(self, status: HTTPStatus, body: bytes, content_type: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")
        if self.shop_secret:
            answer = signing.answer_to(self.headers[signing.HEADER], int(status), body)
            seconds = int(self.server.config.now())
            self.send_header(signing.HEADER, signing.sign(answer, self.shop_secret, seconds))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Log the request without the secret part of a page's address."""
        path = urlsplit(self.path).path if hasattr(self, "path") else ""
        logger.info("%s %s", self.command, "/pay/***" if path.startswith("/pay/") else path)


def main() -> None:
    """Serve until interrupted; print one sentence about a setting that is missing or wrong."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    try:
        bank = Bank(from_environment())
    except (BadConfig, OSError) as error:
        sys.exit(f"The demo bank cannot start: {error}")
    logger.info("listening on %s:%s", *bank.server_address[:2])
    try:
        bank.serve_forever()
    except KeyboardInterrupt:
        bank.server_close()
