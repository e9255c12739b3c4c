"""The step between the right password and the session: the account's own address must be verified."""

import contextlib

from allauth.account.stages import EmailVerificationStage
from django.http import HttpResponseBase
from django.shortcuts import redirect

from accounts.models import MailRequest
from accounts.selectors import has_proven_mailbox
from accounts.sent_views import sent_url
from accounts.services.outgoing import request_link
from common import clock
from common.http import client_network
from common.throttle import TooManyAttempts


class MailboxStage(EmailVerificationStage):
    """Stop accounts made outside sign-up (by `createsuperuser`), and email them the missing link."""

    def handle(self) -> tuple[HttpResponseBase | None, bool]:
        user = self.login.user
        if user is not None and has_proven_mailbox(user):
            return None, True
        is_mailed = False
        if user is not None:
            asked = {"kind": MailRequest.Kind.CONFIRM, "email": user.email, "network": client_network(self.request)}
            with contextlib.suppress(TooManyAttempts):  # the page that follows offers to ask again
                is_mailed = request_link(**asked, at=clock.now())
        return redirect(sent_url(is_mailed=is_mailed)), True
