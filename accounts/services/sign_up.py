"""From a request for an account to the account: nothing counts before the address is verified.

A link proves a mailbox, never a password: the password typed at sign-up counts only in the browser it was typed
in, elsewhere the person behind the link chooses one. So people who sign up with somebody else's address
neither get the account nor block its owner, in whatever order they come.
"""

import datetime as dt
from collections.abc import Collection

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import limits
from accounts.emails import normalise
from accounts.links import KEPT, KEPT_NOTICE
from accounts.models import CourierApplication, MailRequest, Notice, PhoneCode, Registration, SignUp, User
from accounts.phone_codes import KEPT as CODE_KEPT
from accounts.selectors import is_noted_at_counter, sign_up_for
from accounts.services import outgoing
from accounts.services.register import clean_phone, insert_customer
from common import throttle
from common.actors import Actor
from common.errors import DomainError
from common.typed_text import clean_name


class LinkIsGone(DomainError):
    """The sign-up has been confirmed, or is too old."""

    code = "link_gone"


class PasswordNeeded(DomainError):
    """Another browser made the sign-up, so a password has to be chosen in this one."""

    code = "password_needed"


def request_account(*, email: str, name: str, password: str, phone: str = "", network: str, at: dt.datetime) -> SignUp:
    """Note a sign-up and have its email sent. Raises BadPhone, TooManyAttempts.

    The same work whether or not the address has an account: the worker looks that up and writes accordingly.
    """
    throttle.take_or_refuse(limits.SIGN_UP, network, at=at)
    row = sign_up_row(email=email, name=name, password=password, phone=phone, at=at)
    with transaction.atomic():
        save_and_mail(row=row, at=at)
    return row


def sign_up_row(*, email: str, name: str, password: str | None, phone: str, at: dt.datetime) -> SignUp:
    """Return an unsaved sign-up, its fields cleaned; without a password none works. Raises BadPhone."""
    return SignUp(
        email=normalise(email), name=clean_name(name), phone=clean_phone(phone) or "", password=make_password(password),
        language=get_language() or "", created_at=at,
    )  # fmt: skip


def save_and_mail(*, row: SignUp, at: dt.datetime) -> None:
    """Insert a sign-up and have its email sent, in the caller's transaction; `mailed_at` says whether it was."""
    row.save(force_insert=True)
    mail_confirmation(row=row, at=at)


def mail_confirmation(*, row: SignUp, at: dt.datetime) -> bool:
    """Have the link of a sign-up sent, unless the mailbox has had too many; return whether it is."""
    is_mailed = outgoing.mail_within_limit(
        limit=limits.CONFIRM_MAIL, event=outgoing.SIGN_UP, subject_id=row.pk, mailbox=row.email, at=at
    )
    if is_mailed:
        note_mailed(row=row, at=at)
    return is_mailed


def note_mailed(*, row: SignUp, at: dt.datetime) -> None:
    """Note that the link of a sign-up is on its way, in the caller's transaction."""
    row.mailed_at = at
    row.save(update_fields=["mailed_at"])


@transaction.atomic
def remind(*, sign_up_id: int, at: dt.datetime) -> bool:
    """Send the link of a sign-up again, to a person who knows its password; return whether it is sent."""
    row = SignUp.objects.filter(pk=sign_up_id).first()
    return row is not None and mail_confirmation(row=row, at=at)


def confirm_account(
    *,
    sign_up_id: int,
    browser: Collection[int] = (),
    password: str = "",
    name: str = "",
    phone: str = "",
    actor: Actor,
    at: dt.datetime,
) -> User:
    """Make the account of an address that has been verified by the link of one of its sign-ups.

    `browser` are the sign-ups made in this browser: one for this mailbox gives name, phone and password. Without one
    `password` is needed; name and phone of the sign-up count only if it is the password of that sign-up, or if they
    were noted at the counter and there is none yet.
    Raises LinkIsGone, PasswordNeeded, EmailTaken, BadPhone.
    """
    proven = SignUp.objects.filter(pk=sign_up_id).first()
    if proven is None:
        raise LinkIsGone(_("This link has been used or is too old."))
    own = sign_up_for(proven.email, preferred=browser, only_preferred=True)
    if own is not None and not password:
        source, row = own, _account(own, name=own.name, phone=own.phone, password=own.password, at=at)
    else:
        source, row = proven, _chosen(proven, password, clean_name(name), clean_phone(phone) or "", at)
    with transaction.atomic():
        # Making the account deletes all sign-ups of the mailbox; what was agreed to or applied for with them stays.
        agreed = list(Registration.objects.filter(sign_up__in=[source, proven]))
        applied = _one_application(source, proven)
        row.news_agreed_at = min((noted.at for noted in agreed if noted.agreed_to_news), default=None)
        user = insert_customer(row=row, actor=actor, at=at)
        Registration.objects.filter(pk__in=[noted.pk for noted in agreed]).update(user=user)
        CourierApplication.objects.filter(pk__in=applied).update(user=user)
    return user


def _one_application(source: SignUp, proven: SignUp) -> list[int]:
    """Return the application that goes on, if any: that of the link, else that of this browser.

    Others under this mailbox are deleted: they were sent twice, or by somebody else.
    """
    applied = CourierApplication.objects.filter(sign_up__email=proven.email)
    by_sign_up = dict(applied.values_list("sign_up", "pk"))
    kept = [by_sign_up[pk] for pk in (proven.pk, source.pk) if pk in by_sign_up][:1]
    applied.exclude(pk__in=kept).delete()
    return kept


def purge_requests(*, at: dt.datetime) -> int:
    """Delete sign-ups, requests for links, codes and notices that are older than they work; return how many."""
    old = {"created_at__lt": at - KEPT}
    over = (
        PhoneCode.objects.filter(created_at__lt=at - CODE_KEPT),
        # Before the sign-ups they belong to.
        CourierApplication.objects.filter(**old, user=None),
        SignUp.objects.filter(**old),
        MailRequest.objects.filter(**old),
        Notice.objects.filter(created_at__lt=at - KEPT_NOTICE),
    )
    return sum(rows.delete()[0] for rows in over)


def _chosen(proven: SignUp, password: str, name: str, phone: str, at: dt.datetime) -> User:
    """Return an unsaved account for a person behind the link who types a password and, if they like, more."""
    if not password:
        raise PasswordNeeded(_("Choose a password."))
    known = {"name": name or proven.name, "phone": phone or proven.phone}
    if check_password(password, proven.password):
        return _account(proven, **known, password=proven.password, at=at)
    chosen = known if is_noted_at_counter(proven) else {"name": name, "phone": phone}
    # The language is that of the page on which they choose, not that of the sign-up.
    row = SignUp(email=proven.email, language=get_language() or "")
    return _account(row, **chosen, password=make_password(password), at=at)


def _account(row: SignUp, *, name: str, phone: str, password: str, at: dt.datetime) -> User:
    return User(
        email=row.email, name=name, phone=phone or None, password=password, language=row.language, date_joined=at
    )
