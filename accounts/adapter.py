"""How allauth talks to our users: phones in E.164, email through the outbox, home by role, one throttle a person."""

from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import limits
from accounts.actors import actor_of
from accounts.emails import normalise
from accounts.fields import PhoneField
from accounts.models import User
from accounts.phones import look_up_form
from accounts.roles import may, role_of
from accounts.selectors import application_of, find_by_login, find_by_phone
from accounts.services import contact
from accounts.services.passwords import change_password
from accounts.services.sessions import Overtaken, begin_session
from accounts.sessions import DEVICE, MAX_DEVICE
from common import clock, throttle
from common.errors import DomainError
from common.http import client_ip, client_network

STATE_COOKIE = "shop_state"
PHONE_STAGE = "allauth.account.stages.PhoneVerificationStage"
MAILBOX_STAGE = "allauth.account.stages.EmailVerificationStage"
OUR_MAILBOX_STAGE = "accounts.stages.MailboxStage"
NO_MATCH = _("The email or phone and the password don’t match. Check both, or ask for a new password.")
LOCKED = "too_many_login_attempts"
# Where a sign-in that is under way keeps the session hash of its account.
SHOWN = "password_shown"


class SmsNotConfigured(DomainError):
    """allauth sends no text messages here."""

    code = "sms_not_configured"


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up and sign-in by email or phone."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": NO_MATCH,
        "phone_password_mismatch": NO_MATCH,
        "username_password_mismatch": NO_MATCH,
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your current password."),
        "same_as_current": _("This is your address already."),
        "duplicate_email": _("This is your address already."),
    }

    # Where people go

    def is_safe_url(self, url: str) -> bool:
        """Return whether `url` stays on this very host."""
        return bool(url) and url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the desk of a staff member, the home page for everybody else."""
        user = request.user
        if role_of(user) == "courier" or application_of(user) is not None:
            return reverse("courier:home")
        if role_of(user) != "owner" and may(user, "orders.view_board"):
            return reverse("staff:board")
        if user.has_perm("wagtailadmin.access_admin"):
            return reverse("wagtailadmin_home")
        return reverse("staff:board") if may(user, "orders.view_board") else settings.LOGIN_REDIRECT_URL

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Note which password was given; it must still be the account's when the session begins, steps later."""
        request.session[SHOWN] = user.get_session_auth_hash()
        return super().pre_login(request, user, **kwargs)

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign somebody in, unless what they have shown is not enough any more by now."""

        def begin() -> None:
            super(AccountAdapter, self).login(request, user)
            request.session.pop(SHOWN, None)
            request.session.save()

        records = get_authentication_records(request, user)
        codes_of = [record["id"] for record in records if record["method"] == "mfa"]
        came_from = request.session.session_key
        try:
            shown = request.session.get(SHOWN, "")
            begin_session(user=user, shown=shown, came_from=came_from, codes_of=codes_of, begin=begin, at=clock.now())
        except Overtaken as error:
            request.session.flush()  # it may have ended, too
            messages.error(request, error.message)
            raise ImmediateHttpResponse(redirect("account_login")) from None

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Set the readable cookie that makes the browser ask for the personal fragment."""
        request.session[DEVICE] = request.headers.get("User-Agent", "")[:MAX_DEVICE]
        response = super().post_login(request, user, **kwargs)
        response.set_cookie(
            STATE_COOKIE,
            "1",
            max_age=settings.SESSION_COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
        return response

    # Limits: ours, in the database, instead of allauth's in the cache of each process

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address the trusted-proxy middleware left; a Unix socket has none."""
        return client_ip(request) or "local"

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Check a password within the limits; raise ValidationError when one is used up.

        An attempt is counted before the password is looked at, and taken off again when it was right, so that attempts
        made at the same moment never exceed the limit together.
        """
        who, network, at = _counted_as(credentials), client_network(request), clock.now()
        if not throttle.take(limits.SIGN_IN_NETWORK, network, at=at):
            raise _locked(limits.SIGN_IN_NETWORK, network)
        if not throttle.take(limits.SIGN_IN, who, at=at):
            throttle.give_back(limits.SIGN_IN_NETWORK, network)
            raise _locked(limits.SIGN_IN, who)
        user = super().authenticate(request, **credentials)
        if user is not None or getattr(request, "unconfirmed_sign_up", None):
            throttle.give_back(limits.SIGN_IN, who)
            throttle.give_back(limits.SIGN_IN_NETWORK, network)
        return user

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Return the password as the one way: a code says where the device is, not who sits at it."""
        if not user.is_authenticated or not user.has_usable_password():
            return []
        url = reverse("account_reauthenticate")
        return [{"id": "reauthenticate", "description": _("Use your password"), "url": url}]

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave it to the service that sets the password."""

    def get_login_stages(self) -> list[str]:
        """Return the steps after the password: ours for the mailbox, none for a phone, which is verified elsewhere."""
        stages = [OUR_MAILBOX_STAGE if stage == MAILBOX_STAGE else stage for stage in super().get_login_stages()]
        return stages if app_settings.PHONE_VERIFICATION_ENABLED else [s for s in stages if s != PHONE_STAGE]

    def set_password(self, user: User, password: str) -> None:
        """Set a password and end all sessions but this one."""
        change_password(user=user, password=password, keep=self.request.session.session_key, at=clock.now())

    # Mail

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Leave it to the services: they queue it in the transaction of the change."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Refuse email past the outbox: what allauth would send is asked for by our services."""
        raise LookupError(f"no mail for {template_prefix}")

    # Phones

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        """Return the field that takes a number as people write it."""
        return PhoneField(**kwargs)

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        """Store a phone; what verifies it is accounts/services/verify_phone.py, never allauth."""
        contact.set_phone(user_id=user.pk, phone=phone, actor=actor_of(user), at=clock.now())

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        """Return the phone and whether it is verified."""
        return (str(user.phone), user.phone_verified_at is not None) if user.phone else None

    def set_phone_verified(self, user: User, phone: str) -> None:
        """Refuse: allauth's own verification is off."""
        raise _no_sms()

    def get_user_by_phone(self, phone: str) -> User | None:
        """Return the user who has verified this phone, in any spelling."""
        return find_by_phone(str(phone))

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: Any) -> None:
        """Refuse: codes are sent by accounts/services/verify_phone.py."""
        raise _no_sms()

    def send_unknown_account_sms(self, phone: str, **kwargs: Any) -> None:
        """Refuse: codes are sent by accounts/services/verify_phone.py."""
        raise _no_sms()

    def send_account_already_exists_sms(self, phone: str) -> None:
        """Refuse: codes are sent by accounts/services/verify_phone.py."""
        raise _no_sms()


def _no_sms() -> SmsNotConfigured:
    return SmsNotConfigured(_("This site cannot send text messages. Use your email address instead."))


def _counted_as(credentials: dict[str, Any]) -> str:
    """Return one key per person whatever they type, and one per unknown login however it is spelt."""
    login = str(credentials.get("email") or credentials.get("phone") or credentials.get("username") or "")
    user = find_by_login(login)
    if user:
        return f"user:{user.pk}"
    return f"login:{look_up_form(login) or normalise(login)[:254]}"


def _locked(limit: throttle.Limit, who: str) -> ValidationError:
    seconds = throttle.too_many(limit, who, at=clock.now()).extra["retry_after"]
    minutes = -(-seconds // 60)
    message = ngettext(
        "Too many failed attempts. Wait a minute, then try again, or ask for a new password.",
        "Too many failed attempts. Wait %(minutes)s minutes, then try again, or ask for a new password.",
        minutes,
    )
    return ValidationError(message, code=LOCKED, params={"minutes": minutes, "retry_after": seconds})
