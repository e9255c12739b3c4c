"""The provider behind Toy Pay: payments in memory, JSON over HTTP, no notices of its own."""

import contextlib
import http.server
import json
import threading
from collections.abc import Iterator

KEY = "the shop's key at Toy Pay"


class ToyServer(http.server.ThreadingHTTPServer):
    """`payments` by the shop's key, `refunds` by their key."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.payments: dict[str, dict] = {}
        self.refunds: dict[str, dict] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, parts: list[str], data: dict) -> tuple[int, dict]:
        """Return status and body for a path; the paths of payments begin with /payments."""
        first, *parts = parts
        if first != "payments":
            return 404, {"error": "no such address"}
        if not parts:
            payment = {**data, "id": f"toy_{data['key'][:8]}", "state": "pending"}
            self.payments.setdefault(data["key"], payment)
            return 201, {**payment, "page": f"{self.url}/pay/{data['key']}"}
        payment = self.payments.get(parts[0])
        if payment is None:
            return 404, {"error": "no such payment"}
        if parts[1:] == ["refunds"]:
            self.refunds[data["key"]] = data
            return 201, {"id": f"back_{data['key'][:8]}"}
        if parts[1:] in (["capture"], ["void"]):
            payment["state"] = "captured" if parts[1] == "capture" else "cancelled"
            payment["captured"] = data.get("amount") or payment["amount"]
        return 200, payment


class _Handler(http.server.BaseHTTPRequestHandler):
    server: ToyServer

    def do_GET(self) -> None:
        self._respond({})

    def do_POST(self) -> None:
        self._respond(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _respond(self, data: dict) -> None:
        if self.headers["Authorization"] == KEY:
            status, answer = self.server.answer(self.path.strip("/").split("/"), data)
        else:
            status, answer = 401, {"error": "who are you?"}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@contextlib.contextmanager
def toy_server() -> Iterator[ToyServer]:
    """Serve until the block ends."""
    with ToyServer() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
