"""The one base class of refusals: a stable code for clients and a sentence for people."""

from typing import Any


class DomainError(Exception):
    """A service refuses. `code` is stable, `message` a full sentence for the buyer, `extra` data for the page."""

    code = "refused"

    def __init__(self, message: str, *, code: str | None = None, extra: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.extra = extra or {}
