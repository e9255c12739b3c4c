"""The provider behind Toy Pay: payments in memory, JSON over HTTP, no notices of its own."""

import http.server
import json
from contextlib import AbstractContextManager

from tests.servers import LocalServer, send_json, serving

KEY = "the shop's key at Toy Pay"


class ToyServer(LocalServer):
    """`payments` by the shop's key, `refunds` by their key."""

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.payments: dict[str, dict] = {}
        self.refunds: dict[str, dict] = {}

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
        send_json(self, status, answer)

    def log_message(self, *args: object) -> None:
        pass


def toy_server() -> AbstractContextManager[ToyServer]:
    """Serve until the block ends."""
    return serving(ToyServer())
