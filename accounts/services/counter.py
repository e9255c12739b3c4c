"""Registering customers at the counter: an employee types, the customer agrees, and the mailbox decides.

A link that is shown or printed proves that a person was there, not that the mailbox is theirs: it only lets them choose
the password of their sign-up. The account is made by the link in the email, as for everybody (ADR 10).
"""

import datetime as dt
import json
from dataclasses import astuple, dataclass

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts import limits
from accounts.emails import normalise
from accounts.models import Registration, SignUp, User
from accounts.selectors import find_by_email
from accounts.services import audit, outgoing
from accounts.services.register import clean_phone
from accounts.services.sign_up import LinkIsGone, mail_confirmation, note_mailed, sign_up_row
from common import throttle
from common.actors import Actor
from common.errors import DomainError


class KnownAlready(DomainError):
    """Somebody has an account with this email or verified phone. extra["what"]: "email" or "phone"."""

    code = "known_already"


@dataclass(frozen=True)
class NewCustomer:
    """What the employee typed and ticked. `password`: the one that the customer typed, if they did."""

    email: str
    name: str
    phone: str
    way: str
    password: str = ""
    agreed_to_news: bool = False


def register_at_counter(*, customer: NewCustomer, nonce: str, actor: Actor, at: dt.datetime) -> Registration:
    """Note a sign-up for a person at the counter, and who registered them.

    Whether found or not, each look-up is counted and recorded: staff learn that an account exists, and no more.
    `nonce` is the form's own: the same form with the same entries, sent twice, is one registration. Without one each
    is its own.
    Raises KnownAlready, BadPhone, TooManyAttempts.
    """
    sent = _digest(nonce, customer)
    known = _sent_before(sent, actor)
    if known is not None:
        return known
    throttle.take_or_refuse(limits.COUNTER, str(actor.user_id), at=at)
    email, phone = normalise(customer.email), clean_phone(customer.phone) or ""
    _refuse_known(email, phone, actor, at)
    row = sign_up_row(email=email, name=customer.name, password=customer.password or None, phone=phone, at=at)
    registration = Registration(
        sign_up=row, actor_id=actor.user_id, actor_label=actor.label, way=customer.way, agreed_to_account=True,
        agreed_to_news=customer.agreed_to_news, nonce=sent, at=at,
    )  # fmt: skip
    try:
        _insert(registration, row, actor, at)
    except IntegrityError:  # the same form, at the same moment
        known = _sent_before(sent, actor)
        if known is None:
            raise
        throttle.give_back(limits.COUNTER, str(actor.user_id))
        return known
    return registration


@transaction.atomic
def renew_link(*, registration_id: int, actor: Actor, at: dt.datetime) -> Registration:
    """Make a new link in place of all before, and forget a password chosen with one. Raises LinkIsGone."""
    registration, sign_up = _locked(registration_id)
    registration.links += 1
    registration.save(update_fields=["links"])
    sign_up.password = make_password(None)
    sign_up.save(update_fields=["password"])
    _record("link", registration.pk, actor, at)
    return registration


@transaction.atomic
def mail_link(*, registration_id: int, actor: Actor, at: dt.datetime) -> Registration:
    """Have the link that verifies the address sent (again). Raises LinkIsGone, TooManyAttempts."""
    registration, sign_up = _locked(registration_id)
    throttle.take_or_refuse(limits.CONFIRM_MAIL, sign_up.email, at=at)
    outgoing.mail(event=outgoing.SIGN_UP, subject_id=sign_up.pk, at=at)
    note_mailed(row=sign_up, at=at)
    _record("mail", registration.pk, actor, at)
    return registration


def choose_first_password(*, registration_id: int, number: int, password: str, at: dt.datetime) -> tuple[SignUp, bool]:
    """Set the password of a sign-up by a link that was shown, and have the email sent. Only once.

    Return the sign-up, and whether its mailbox has not had too many emails. Raises LinkIsGone.
    """
    hashed = make_password(password)
    with transaction.atomic():
        # The number moves on with the same statement: of two who use the link at once, one is too late.
        current = Registration.objects.filter(pk=registration_id, links=number, sign_up__isnull=False)
        if not current.update(links=F("links") + 1):
            raise _gone()
        row = SignUp.objects.get(registration=registration_id)
        row.password = hashed
        row.save(update_fields=["password"])
        is_mailed = mail_confirmation(row=row, at=at)
    return row, is_mailed


@transaction.atomic
def _insert(registration: Registration, sign_up: SignUp, actor: Actor, at: dt.datetime) -> None:
    sign_up.save(force_insert=True)
    registration.sign_up = sign_up
    registration.save(force_insert=True)
    _record("register", registration.pk, actor, at, note=registration.way)
    if registration.way != Registration.Way.SCREEN:
        mail_confirmation(row=sign_up, at=at)


def _digest(nonce: str, customer: NewCustomer) -> str:
    """Return what a form and its entries are known by; they cannot be read from it, as the nonce is not kept."""
    if not nonce:
        return ""
    return salted_hmac("accounts.counter", json.dumps([nonce, *astuple(customer)]), algorithm="sha256").hexdigest()


def _sent_before(sent: str, actor: Actor) -> Registration | None:
    return Registration.objects.filter(actor=actor.user_id, nonce=sent).first() if sent else None


def _refuse_known(email: str, phone: str, actor: Actor, at: dt.datetime) -> None:
    by_email = find_by_email(email)
    by_phone = User.objects.filter(phone=phone, phone_verified_at__isnull=False).first() if phone else None
    user, what = (by_email, "email") if by_email else (by_phone, "phone")
    if user is None:
        return
    audit.record(action="customer.known", target=f"user:{user.pk}", note=what, actor=actor, at=at)
    if by_email:
        message = _("There is an account with this email address already. They can ask for a new password.")
    else:
        message = _("There is an account with this phone number already. Leave the number out, or find that account.")
    raise KnownAlready(message, extra={"what": what})


def _locked(registration_id: int) -> tuple[Registration, SignUp]:
    """Return a registration that is not an account yet, and its sign-up. Raises LinkIsGone."""
    found = Registration.objects.select_for_update(of=("self",)).filter(pk=registration_id, sign_up__isnull=False)
    registration = found.select_related("sign_up").first()
    if registration is None or registration.sign_up is None:
        raise _gone()
    return registration, registration.sign_up


def _gone() -> LinkIsGone:
    return LinkIsGone(_("This link has been used or is too old."))


def _record(verb: str, registration_id: int, actor: Actor, at: dt.datetime, note: str = "") -> None:
    audit.record(action=f"customer.{verb}", target=f"registration:{registration_id}", note=note, actor=actor, at=at)
