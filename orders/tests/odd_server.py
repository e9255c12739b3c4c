"""A server in place of the bank that answers with whatever bytes a test gives it, or not at all."""

import contextlib
import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator

from orders.gateways.demo_bank import signing
from orders.tests.bank_server import SECRET
from tests.servers import serving

# From the request's signature to the answer: bytes sent at once, a list sent one by one, None for silence.
Script = Callable[[str], bytes | list[bytes] | None]
DRIP_SECONDS = 0.02


class OddServer(socketserver.ThreadingTCPServer):
    """`script` makes the answers; `asked` counts the requests, `dripped` the pieces sent one by one.

    `most_at_once` is the largest number of callers waiting at the same time.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script, self.ended = script, threading.Event()
        self.asked = self.dripped = self.waiting = self.most_at_once = 0
        self.counting = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(socketserver.StreamRequestHandler):
    server: OddServer

    def handle(self):
        headers = {}
        while (line := self.rfile.readline().strip()) != b"":
            name, _, value = line.decode("latin-1").partition(": ")
            headers[name.lower()] = value
        self.rfile.read(int(headers.get("content-length", "0")))
        self.server.asked += 1
        answer = self.server.script(headers.get(signing.HEADER.lower(), ""))
        if answer is None:
            self._stay_silent()
        elif isinstance(answer, bytes):
            self.wfile.write(answer)
        else:
            self._drip(answer)

    def _stay_silent(self):
        """Keep the connection open until the caller hangs up or the server stops."""
        self._count(1)
        self.connection.settimeout(DRIP_SECONDS)
        while not self.server.ended.is_set():
            with contextlib.suppress(TimeoutError):
                if not self.connection.recv(1):
                    break
        self._count(-1)

    def _count(self, step):
        with self.server.counting:
            self.server.waiting += step
            self.server.most_at_once = max(self.server.most_at_once, self.server.waiting)

    def _drip(self, pieces):
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                if self.server.ended.wait(DRIP_SECONDS):
                    return
                self.wfile.write(piece)
                self.server.dripped += 1


@contextlib.contextmanager
def odd_server(script: Script = lambda _: None) -> Iterator[OddServer]:
    """Serve until the block ends."""
    with serving(OddServer(script), poll=0.005) as server:
        try:
            yield server
        finally:
            server.ended.set()


def http_bytes(status: int, body: bytes, *, kind: str = "application/json", headers: tuple[str, ...] = ()) -> bytes:
    """Return an HTTP answer that nobody signed."""
    lines = (f"HTTP/1.1 {status} Odd", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers, "", "")
    return "\r\n".join(lines).encode() + body


def signed_bytes(
    request: str, status: int, data: object, *, secret: str = SECRET, age: int = 0, kind: str = "application/json"
) -> bytes:
    """Return an HTTP answer to the request with this signature, signed as by the bank."""
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    signature = signing.sign(signing.answer_to(request, status, body), secret, int(time.time()) - age)
    return http_bytes(status, body, kind=kind, headers=(f"{signing.HEADER}: {signature}",))
