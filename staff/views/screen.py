"""Showing the full-screen answer to a scan."""

import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from common import clock
from staff.access import Desk
from staff.presenters import wording
from staff.presenters.screens import CLEAR_AFTER, Screen, code_of


def show(request: HttpRequest, desk: Desk, answer: Screen) -> HttpResponse:
    """Render a screen with its own HTTP status and a fresh nonce for the button on it."""
    shop = answer.order.shop if answer.order else desk.shop
    context = {
        "desk": desk,
        "screen": answer,
        "code": code_of(answer),
        "shop": shop,
        "time": wording.clock(clock.now(), shop) if shop else "",
        "nonce": secrets.token_urlsafe(16),
        "clear_after": CLEAR_AFTER,
    }
    return render(request, "staff/screen.html", context, status=answer.status)
