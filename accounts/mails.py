"""Emails about accounts, rendered when they are delivered."""

import datetime as dt

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from accounts.links import Link, write, write_notice
from accounts.models import CourierApplication, Notice, User
from common.mail import compose, send, site_name
from common.outbox.models import OutboxMessage
from common.urls import absolute


def send_confirmation(to: str, link: Link, message: OutboxMessage, at: dt.datetime) -> None:
    """Send the link that verifies the address of a sign-up."""
    with language_of(message):
        _send("email_confirmation", message, to=to, activate_url=absolute("account_confirm_email", write(link, at=at)))


def send_change(to: str, link: Link, message: OutboxMessage, at: dt.datetime) -> None:
    """Send the link that verifies the address an account wants to change to."""
    with language_of(message):
        _send("email_change", message, to=to, activate_url=absolute("account_confirm_email", write(link, at=at)))


def send_invitation(user: User, message: OutboxMessage) -> None:
    """Welcome a new member of staff with a link to choose their first password."""
    with language_of(message):
        _send("invitation", message, to=user.email, person=user.get_short_name(), password_reset_url=_key_url(user))


def send_reset(user: User, message: OutboxMessage) -> None:
    """Send a link to choose a new password."""
    with language_of(message):
        _send("password_reset_key", message, to=user.email, password_reset_url=_key_url(user))


def send_reset_of_sign_up(to: str, link: Link, message: OutboxMessage, at: dt.datetime) -> None:
    """Send an unconfirmed person a link that confirms the address and chooses a new password."""
    with language_of(message):
        _send(
            "password_reset_key",
            message,
            to=to,
            password_reset_url=absolute("account_confirm_email", write(link, at=at)),
        )


def send_account_exists(user: User, message: OutboxMessage) -> None:
    """Tell somebody who signed up again that they have an account; the page's visitor must not learn it."""
    with language_of(message):
        _send(
            "account_already_exists", message, to=user.email,
            login_url=absolute("account_login"), password_reset_url=absolute("account_reset_password"),
        )  # fmt: skip


def send_taken_from(to: str, message: OutboxMessage) -> None:
    """Tell the address that an account had until somebody took it back; there is no link."""
    with language_of(message):
        _send("taken_from", message, to=to)


def send_decision(application: CourierApplication, message: OutboxMessage) -> None:
    """Tell an applicant whether they can deliver, and why not."""
    name = "courier_approved" if application.state == CourierApplication.State.APPROVED else "courier_refused"
    with language_of(message):
        _send(
            name, message, to=application.user.email if application.user else None, reason=application.reason,
            courier_url=absolute("courier:home"),
        )  # fmt: skip


def send_notice(notice: Notice, message: OutboxMessage, at: dt.datetime) -> None:
    """Tell what has happened to an account: each event has a text of its name. A link takes the account back."""
    with language_of(message):
        _send(
            message.event.removeprefix("account."), message, to=notice.email,
            not_me_url=absolute("account_take_back", write_notice(notice.pk, at=at)),
            security_url=absolute("mine:security"), password_reset_url=absolute("account_reset_password"),
        )  # fmt: skip


def send_phone_lost(user: User, message: OutboxMessage) -> None:
    """Tell a person that the phone of their account was verified for another one."""
    with language_of(message):
        _send("phone_lost", message, to=user.email, phone_url=absolute("mine:phone"))


def _send(name: str, message: OutboxMessage, *, to: str | None, **texts: str) -> None:
    """Send one email; none to an account that has been erased since the message was written."""
    if not to:
        return
    context = {**texts, "site_name": site_name(), "language": translation.get_language()}
    subject = " ".join(render_to_string(f"account/email/{name}_subject.txt", context).split())
    text = render_to_string(f"account/email/{name}_message.txt", context)
    html = render_to_string(f"account/email/{name}_message.html", {**context, "subject": subject})
    send(compose(key=message.key, to=to, subject=subject, text=text, html=html))


def _key_url(user: User) -> str:
    key = default_token_generator.make_token(user)
    return absolute("account_reset_password_from_key", user_pk_to_url_str(user), key)


def language_of(message: OutboxMessage) -> translation.override:
    """Return the language in which the page was that caused a message."""
    code = str(message.payload.get("language", ""))
    return translation.override(code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE)
