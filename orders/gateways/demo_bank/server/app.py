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
from orders.gateways.demo_bank.server.reading import LARGEST_BODY, BadRequest, read_object, read_opening, read_refund

logger = logging.getLogger("demo_bank")


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
    """One request. Everything that is not exactly right is answered with 4xx and changes nothing."""

    server: Bank
    protocol_version = "HTTP/1.1"
    server_version = "DemoBank"
    sys_version = ""
    timeout = 30

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def _answer(self, respond: Callable[[list[str], str], None]) -> None:
        url = urlsplit(self.path)
        parts = [part for part in url.path.split("/") if part]
        try:
            respond(parts, url.query)
        except BadRequest as error:
            self._json({"error": str(error)}, HTTPStatus.BAD_REQUEST)
        except Conflict as error:
            self._json({"error": str(error)}, HTTPStatus.CONFLICT)
        except ValueError:
            self._json({"error": "The request cannot be read."}, HTTPStatus.BAD_REQUEST)

    def _get(self, parts: list[str], query: str) -> None:
        if not parts:
            self._html(HTTPStatus.OK, pages.front_page())
        elif parts == ["healthz"]:
            self._send(HTTPStatus.OK, b"ok\n", "text/plain")
        elif parts == ["bank.css"]:
            self._send(HTTPStatus.OK, pages.CSS, "text/css")
        elif len(parts) == 2 and parts[0] == "pay":
            self._show_page(parts[1], query)
        elif len(parts) == 3 and parts[:2] == ["api", "payments"] and self._is_shop(b""):
            self._snapshot(parts[2])
        else:
            self._missing()

    def _post(self, parts: list[str], query: str) -> None:
        body = self._body()
        if len(parts) == 2 and parts[0] == "pay":
            self._submit_page(parts[1], body)
        elif parts[:2] != ["api", "payments"] or not self._is_shop(body):
            self._missing()
        elif len(parts) == 2:
            payment = self.server.book.open(read_opening(body))
            url = f"{self.server.config.public_url}/pay/{payment['page']}"
            self._json({**self.server.book.snapshot(payment["id"]), "url": url}, HTTPStatus.CREATED)
        elif len(parts) == 4 and (payment := self.server.book.find(parts[2])) is not None:
            self._act(payment["id"], parts[3], body)
        else:
            self._missing()

    def _act(self, payment_id: str, action: str, body: bytes) -> None:
        if action == "capture":
            read_object(body, set())
            self.server.book.capture(payment_id)
            self._snapshot(payment_id)
        elif action == "refunds":
            key, amount = read_refund(body)
            refund_id = self.server.book.refund(payment_id, key, amount)
            self._json({"id": refund_id, "key": key, "amount": amount}, HTTPStatus.CREATED)
        else:
            self._missing()

    def _snapshot(self, name: str) -> None:
        payment = self.server.book.find(name)
        if payment is None:
            self._missing()
        else:
            self._json(self.server.book.snapshot(payment["id"]), HTTPStatus.OK)

    def _show_page(self, page: str, query: str) -> None:
        payment = self.server.book.find_page(page)
        if payment is None:
            self._html(HTTPStatus.NOT_FOUND, pages.missing_page())
            return
        hidden = {name: values[-1] for name, values in parse_qs(query).items()}
        parse_faults(hidden)
        is_open = payment["state"] == "pending" and payment["late_at"] is None
        if is_open:
            text = pages.payment_page(payment, hidden, self.server.config.shop_name, self.server.config.now())
        else:
            text = pages.closed_page(payment)
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

    def _is_shop(self, body: bytes) -> bool:
        config = self.server.config
        return signing.is_signed(body, self.headers.get(signing.HEADER, ""), list(config.secrets), config.now())

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > LARGEST_BODY:
            self.close_connection = True
            raise BadRequest(f"Send a body of at most {LARGEST_BODY} bytes and say its length.")
        return self.rfile.read(int(length))

    def _missing(self) -> None:
        self._json({"error": "There is nothing here."}, HTTPStatus.NOT_FOUND)

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
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Log without the secret part of a page's address."""
        path = urlsplit(self.path).path if hasattr(self, "path") else ""
        logger.info("%s %s", self.command, "/pay/***" if path.startswith("/pay/") else path)


def main() -> None:
    """Serve until interrupted; a missing setting is told in one sentence."""
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
