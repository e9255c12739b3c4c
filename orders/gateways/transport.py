"""One HTTP call to a gateway, limited in time and size. Every network fault is an outage."""

import http.client
import io
import json
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from orders.gateways.base import GatewayNotAuthenticated, GatewayRefused, GatewayUnavailable, PaymentUnknown

LARGEST_ANSWER = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """The response, whatever its status; `headers` ignores case."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


def call(method: str, url: str, *, body: bytes | None, headers: Mapping[str, str], seconds: float) -> Answer:
    """Send one request and return the whole answer. Redirects are not followed.

    Raises GatewayUnavailable if the answer is too large, or not complete within `seconds`.
    """
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    deadline = time.monotonic() + seconds
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=seconds)
        connection.response_class = _response_until(deadline)
        try:
            target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
            connection.request(method, target, body=body, headers=dict(headers))
            response = connection.getresponse()
            data = response.read(LARGEST_ANSWER + 1)
            if len(data) <= LARGEST_ANSWER and response.length:
                raise http.client.IncompleteRead(data, response.length)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise GatewayUnavailable(f"No complete answer: {type(error).__name__}.") from error
    if len(data) > LARGEST_ANSWER:
        raise GatewayUnavailable(f"The answer is longer than {LARGEST_ANSWER} bytes.")
    return Answer(response.status, response.headers, data)


def call_json(
    method: str,
    url: str,
    *,
    body: bytes | None,
    headers: Mapping[str, str],
    seconds: float,
    is_unknown: Callable[[dict[str, Any]], bool],
    prove: Callable[[Answer], None] = lambda answer: None,
) -> dict[str, Any]:
    """Send JSON and return the object from a 200 or 201.

    400, 402, 409 and 422 with an object raise GatewayRefused; a 404 whose object `is_unknown` recognises raises
    PaymentUnknown. 401, 403 and any other 404 raise GatewayNotAuthenticated, everything else GatewayUnavailable.
    `prove` may refuse an answer by its signature before it is read.
    """
    answer = call(method, url, body=body, headers={"Content-Type": "application/json", **headers}, seconds=seconds)
    prove(answer)
    if answer.status in (401, 403):
        raise GatewayNotAuthenticated(f"The gateway does not recognise this shop ({answer.status}).")
    if answer.status not in (200, 201, 400, 402, 404, 409, 422):
        raise GatewayUnavailable(f"The gateway answered {answer.status}.")
    data = _object(answer)
    if answer.status == 404:
        if data is not None and is_unknown(data):
            raise PaymentUnknown("The gateway has no such payment.")
        raise GatewayNotAuthenticated("The gateway has no such address (404).")
    if data is None:
        raise GatewayUnavailable(f"The gateway's answer ({answer.status}) is not a JSON object.")
    if answer.status >= 400:
        raise GatewayRefused(f"The gateway refused ({answer.status}).")
    return data


def _object(answer: Answer) -> dict[str, Any] | None:
    if not answer.headers.get("Content-Type", "").startswith("application/json"):
        return None
    try:
        data = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _response_until(deadline: float) -> type[http.client.HTTPResponse]:
    """Return a response class that stops reading at `deadline`: a socket's timeout restarts with every byte."""

    class Response(http.client.HTTPResponse):
        def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
            super().__init__(_Bounded(sock, deadline), *args, **kwargs)  # type: ignore[arg-type]

    return Response


class _Bounded:
    """The part of a socket that http.client reads from, with a deadline."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock, self._deadline = sock, deadline

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_BoundedFile(self._sock, self._deadline))


class _BoundedFile(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock, self._deadline = sock, deadline
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("The answer took too long.")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
