"""How allauth talks to our users: phones in E.164, mail through the outbox, home by role, one throttle a person."""

from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts.fields import PhoneField
from accounts.models import User
from accounts.roles import may, role_of
from accounts.selectors import find_by_login, find_by_phone
from accounts.services import contact, letters
from common import clock
from common.errors import DomainError
from common.http import client_ip

STATE_COOKIE = "shop_state"
PHONE_STAGE = "allauth.account.stages.PhoneVerificationStage"
NO_MATCH = _("This e-mail or phone and this password do not belong together. Check both, or ask for a new password.")
LOCKED_SECONDS = 300


class SmsNotConfigured(DomainError):
    """No gateway for text messages is installed."""

    code = "sms_not_configured"


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up and sign-in by e-mail or phone."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": NO_MATCH,
        "phone_password_mismatch": NO_MATCH,
        "username_password_mismatch": NO_MATCH,
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your present password."),
        "too_many_login_attempts": _(
            "Too many wrong tries. Wait 5 minutes, then try again, or ask for a new password."
        ),
        "same_as_current": _("This is your address already."),
        "duplicate_email": _("This is your address already."),
        "rate_limited": _("Too many tries. Wait a minute, then try again."),
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
        if role_of(user) != "owner" and may(user, "orders.view_board"):
            return reverse("staff:board")
        if user.has_perm("wagtailadmin.access_admin"):
            return reverse("wagtailadmin_home")
        return reverse("staff:board") if may(user, "orders.view_board") else settings.LOGIN_REDIRECT_URL

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Tell the browser, readably, that it has something personal to ask for."""
        response = super().post_login(request, user, **kwargs)
        response.set_cookie(
            STATE_COOKIE,
            "1",
            max_age=settings.SESSION_COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
        return response

    # Throttle

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address the trusted-proxy middleware left; a Unix socket has none."""
        return client_ip(request) or "local"

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # One count for a person whatever he types: allauth's key is empty for phones and varies with the host.
        login = str(credentials.get("email") or credentials.get("phone") or credentials.get("username") or "")
        user = find_by_login(login)
        return f"user:{user.pk}" if user else f"login:{login.strip().casefold()[:254]}"

    def get_login_stages(self) -> list[str]:
        """Leave out proving a phone while nothing can send it a code; a taken phone would be told apart there."""
        stages = super().get_login_stages()
        return stages if app_settings.PHONE_VERIFICATION_ENABLED else [s for s in stages if s != PHONE_STAGE]

    # Mail

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        """Have the confirmation link sent."""
        self._ask(letters.CONFIRM, emailconfirmation.email_address.pk)

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Have the link to a new password sent; its key is made at delivery."""
        self._ask(letters.RESET, user.pk)

    def send_account_already_exists_mail(self, email: str) -> None:
        """Have the owner of the mailbox told what the page does not say: he has an account, or must confirm it."""
        user = find_by_login(email)
        if user is None:
            return
        address = EmailAddress.objects.filter(user=user, email__iexact=email).first()
        if address and not address.verified:
            self._ask(letters.CONFIRM, address.pk)
        else:
            self._ask(letters.EXISTS, user.pk)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Warn about a changed password; no other notices are sent."""
        if template_prefix.rsplit("/", 1)[-1] in ("password_changed", "password_reset", "password_set"):
            self._ask(letters.CHANGED, user.pk)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Refuse mail past the outbox: every letter has a method above."""
        raise LookupError(f"no letter for {template_prefix}")

    def _ask(self, event: str, subject_id: int) -> None:
        letters.ask_for_letter(event=event, subject_id=subject_id, at=clock.now())

    # Phones

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        """Return the field that takes a number as people write it."""
        return PhoneField(**kwargs)

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        """Store a phone."""
        contact.set_phone(user_id=user.pk, phone=phone, verified=verified, at=clock.now())

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        """Return the phone and whether it is proven."""
        return (str(user.phone), user.phone_verified_at is not None) if user.phone else None

    def set_phone_verified(self, user: User, phone: str) -> None:
        """Mark a phone as proven."""
        contact.confirm_phone(user_id=user.pk, phone=phone, at=clock.now())

    def get_user_by_phone(self, phone: str) -> User | None:
        """Return the user with this phone in any spelling."""
        return find_by_phone(str(phone))

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: Any) -> None:
        """Refuse: there is no gateway."""
        raise _no_sms()

    def send_unknown_account_sms(self, phone: str, **kwargs: Any) -> None:
        """Refuse: there is no gateway."""
        raise _no_sms()

    def send_account_already_exists_sms(self, phone: str) -> None:
        """Refuse: there is no gateway."""
        raise _no_sms()


def _no_sms() -> SmsNotConfigured:
    return SmsNotConfigured(_("This site cannot send text messages. Use your e-mail address instead."))
