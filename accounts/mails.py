"""Letters about accounts, rendered when they are delivered."""

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from wagtail.models import Site

from accounts.models import User
from common.mail import send


def send_confirmation(address: EmailAddress, *, key: str, language: str) -> None:
    """Send the link that proves the mailbox."""
    with translation.override(_language(language)):
        url = _absolute("account_confirm_email", EmailConfirmationHMAC.create(address).key)
        _send("email_confirmation", to=address.email, key=key, context={"activate_url": url})


def send_reset(user: User, *, key: str, language: str) -> None:
    """Send the link that lets its owner choose a new password."""
    with translation.override(_language(language)):
        token = default_token_generator.make_token(user)
        url = settings.SITE_URL + reverse(
            "account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": token}
        )
        _send("password_reset_key", to=user.email, key=key, context={"password_reset_url": url})


def send_account_exists(user: User, *, key: str, language: str) -> None:
    """Tell somebody who signed up again that he has an account, in place of telling the page's visitor."""
    with translation.override(_language(language)):
        context = {"login_url": _absolute("account_login"), "password_reset_url": _absolute("account_reset_password")}
        _send("account_already_exists", to=user.email, key=key, context=context)


def send_password_changed(user: User, *, key: str, language: str) -> None:
    """Warn that the password was changed."""
    with translation.override(_language(language)):
        context = {"password_reset_url": _absolute("account_reset_password")}
        _send("password_changed", to=user.email, key=key, context=context)


def _send(name: str, *, to: str, key: str, context: dict[str, str]) -> None:
    context = {**context, "site_name": _site_name(), "language": translation.get_language()}
    subject = " ".join(render_to_string(f"account/email/{name}_subject.txt", context).split())
    host = settings.SITE_URL.split("//")[-1].split(":")[0] or "localhost"
    message = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"account/email/{name}_message.txt", context).strip() + "\n",
        to=[to],
        headers={"Message-ID": f"<{key.replace(':', '.')}@{host}>", "Auto-Submitted": "auto-generated"},
    )
    html = render_to_string(f"account/email/{name}_message.html", {**context, "subject": subject})
    message.attach_alternative(html, "text/html")
    send(message)


def _absolute(name: str, *args: str) -> str:
    return settings.SITE_URL + reverse(name, args=args)


def _language(code: str) -> str:
    return code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _site_name() -> str:
    site = Site.objects.filter(is_default_site=True).first()
    return site.site_name if site and site.site_name else settings.WAGTAIL_SITE_NAME
