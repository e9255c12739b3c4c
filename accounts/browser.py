"""The sign-ups made in this browser: the password typed at sign-up counts only there."""

from django.http import HttpRequest

_KEY = "sign_ups"
_KEPT = 5


def sign_ups_of(request: HttpRequest) -> list[int]:
    """Return the ids of the sign-ups made in this browser, newest last."""
    return list(request.session.get(_KEY, []))


def remember_sign_up(request: HttpRequest, sign_up_id: int) -> None:
    """Note that this browser knows the password of a sign-up."""
    others = [known for known in sign_ups_of(request) if known != sign_up_id]
    request.session[_KEY] = [*others, sign_up_id][-_KEPT:]
