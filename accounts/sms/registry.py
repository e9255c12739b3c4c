"""The known senders of text messages, one line each, and the one this installation uses."""

from collections.abc import Iterable, Iterator

from django.conf import settings

from accounts.sms.base import SmsSender
from accounts.sms.console import Console
from common.variables import Setting

KNOWN: list[type[SmsSender]] = [
    Console,
]


class UnknownSender(LookupError):
    """SMS_SENDER names no sender, or a setting it needs is missing."""


def sender(*, seconds: float = 5) -> SmsSender | None:
    """Return the sender named in SMS_SENDER, None if it is empty. Raises UnknownSender."""
    code = settings.SMS_SENDER
    if not code:
        return None
    found = _find(code)
    if found is None or any(_missing(found)):
        raise UnknownSender(code)
    return found(seconds=seconds)


def can_text() -> bool:
    """Return whether this installation sends text messages; without it no page offers them."""
    return bool(settings.SMS_SENDER)


def real_codes() -> list[str]:
    """Return the codes of the senders that reach people."""
    return [known.code for known in KNOWN if known.is_real]


def variables(codes: Iterable[str] | None = None) -> list[Setting]:
    """Return the variables of all senders, or of the known ones among `codes`."""
    chosen = KNOWN if codes is None else [known for known in map(_find, codes) if known]
    return [variable for known in chosen for variable in known.variables]


def problems() -> Iterator[str]:
    """Yield a sentence for the operator about each problem with SMS_SENDER."""
    code = settings.SMS_SENDER
    if not code:
        return
    found = _find(code)
    if found is None:
        known = ", ".join(one.code for one in KNOWN)
        yield f"SMS_SENDER names {code!r}, which is not a sender. Choose from: {known}; or leave it empty."
        return
    for name in _missing(found):
        yield f"Set {name}: the sender {code!r} needs it. Or leave SMS_SENDER empty."


def _find(code: str) -> type[SmsSender] | None:
    return next((known for known in KNOWN if known.code == code), None)


def _missing(known: type[SmsSender]) -> Iterator[str]:
    return (variable.name for variable in known.variables if not getattr(settings, variable.name, ""))
