"""Verifying a phone: by a code texted to it, or by an employee who sees its owner.

The newest proof counts: numbers change hands. An account that had verified the same number keeps it, unverified, and is
told by email. What an account merely entered is never compared with other accounts.
"""

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import limits
from accounts.models import PhoneCode, User
from accounts.phone_codes import ATTEMPTS, KEPT, is_code_of, new_salt
from accounts.phones import is_costly, read_phone
from accounts.selectors import holders_of_phone
from accounts.services import audit, outgoing
from accounts.services.lock import lock_account
from accounts.sms.registry import can_text
from common import throttle
from common.actors import Actor
from common.errors import DomainError


class NoPhone(DomainError):
    """The account has no phone that waits to be verified."""

    code = "no_phone"


class NoTexts(DomainError):
    """There is no sender of text messages."""

    code = "no_texts"


class CostlyNumber(DomainError):
    """To reach this number may cost more than usual, so nothing is sent there."""

    code = "costly_number"


class CodeGone(DomainError):
    """There is no code, it is too old, or it was tried too often."""

    code = "code_gone"


class WrongCode(DomainError):
    """Not the code that was sent. extra["left"]: attempts that are left."""

    code = "wrong_code"


class PhoneChanged(DomainError):
    """The account has another phone by now."""

    code = "phone_changed"


def send_code(*, user_id: int, network: str, actor: Actor, at: dt.datetime) -> PhoneCode:
    """Have a code texted to the phone of an account; codes sent before stop working.

    Raises NoTexts, NoPhone, CostlyNumber, TooManyAttempts (for the account, the number or the network), AccountGone.
    """
    if not can_text():
        raise NoTexts(_("We cannot send text messages. Show your phone at one of our counters instead."))
    throttle.take_or_refuse(limits.TEXT_NETWORK, network, at=at)
    throttle.take_or_refuse(limits.TEXT_ACCOUNT, str(user_id), at=at)
    with transaction.atomic():
        user = lock_account(user_id)
        if not user.phone or user.phone_verified_at is not None:
            raise NoPhone(_("There is no phone number to verify."))
        if is_costly(str(user.phone)):
            raise CostlyNumber(_("We can’t send text messages to this kind of number. Enter a mobile number."))
        throttle.take_or_refuse(limits.TEXT_PHONE, str(user.phone), at=at)
        PhoneCode.objects.filter(user=user).delete()
        row = PhoneCode.objects.create(user=user, phone=user.phone, salt=new_salt(), created_at=at)
        audit.record(action="account.phone_code", target=f"user:{user.pk}", actor=actor, at=at)
        outgoing.mail(event=outgoing.TEXT_CODE, subject_id=row.pk, at=at)
    return row


def enter_code(*, user_id: int, typed: str, actor: Actor, at: dt.datetime) -> User:
    """Verify the phone of an account by the code texted to it. Raises CodeGone, WrongCode, PhoneChanged.

    An attempt is counted before it is looked at, by a statement of its own: many at once stay within the limit.
    """
    row = PhoneCode.objects.filter(user=user_id).first()
    if row is None:
        raise _code_gone()
    works = PhoneCode.objects.filter(pk=row.pk, attempts__lt=ATTEMPTS, created_at__gt=at - KEPT)
    if not works.update(attempts=F("attempts") + 1):
        raise _code_gone()
    if not is_code_of(row, typed):
        left = ATTEMPTS - row.attempts - 1
        if left < 1:
            raise _code_gone()
        message = ngettext(
            "That is not the code. You can try once more.",
            "That is not the code. You can try %(left)s more times.",
            left,
        )
        raise WrongCode(message % {"left": left}, extra={"left": left})
    return _prove(user_id, str(row.phone), "account.phone", actor, at)


def look_up_phone(*, phone: str, actor: Actor, at: dt.datetime) -> list[User]:
    """Return the customers with this whole number, for an employee who sees its owner.

    Each look-up is counted and recorded, found or not. Raises BadPhone, TooManyAttempts.
    """
    throttle.take_or_refuse(limits.COUNTER, str(actor.user_id), at=at)
    found = holders_of_phone(read_phone(phone))
    for user in found:
        audit.record(action="customer.look_up", target=f"user:{user.pk}", actor=actor, at=at)
    if not found:
        audit.record(action="customer.not_found", target="", actor=actor, at=at)
    return found


def verify_at_counter(*, user_id: int, phone: str, actor: Actor, at: dt.datetime) -> User:
    """Verify a customer's phone on the word of an employee who sees its owner.

    Raises BadPhone, PhoneChanged, TooManyAttempts.
    """
    throttle.take_or_refuse(limits.COUNTER, str(actor.user_id), at=at)
    number = read_phone(phone)
    if user_id not in {user.pk for user in holders_of_phone(number)}:
        raise _phone_changed()
    return _prove(user_id, number, "customer.phone", actor, at)


def _prove(user_id: int, phone: str, action: str, actor: Actor, at: dt.datetime) -> User:
    try:
        return _mark_verified(user_id, phone, action, actor, at)
    except IntegrityError:  # another account has verified it at the same moment, and is seen now
        return _mark_verified(user_id, phone, action, actor, at)


@transaction.atomic
def _mark_verified(user_id: int, phone: str, action: str, actor: Actor, at: dt.datetime) -> User:
    mine, theirs = Q(pk=user_id), Q(phone=phone, phone_verified_at__isnull=False)
    locked = User.objects.select_for_update(no_key=True).filter(mine | theirs).order_by("pk")
    rows = {user.pk: user for user in locked}
    user = rows.pop(user_id)
    if str(user.phone or "") != phone:
        raise _phone_changed()
    for other in rows.values():
        other.phone_verified_at = None
        other.save(update_fields=["phone_verified_at"])
        audit.record(action="account.phone_lost", target=f"user:{other.pk}", actor=actor, at=at)
        outgoing.mail(event=outgoing.PHONE_LOST, subject_id=other.pk, at=at)
    PhoneCode.objects.filter(user=user).delete()
    if user.phone_verified_at is None:
        user.phone_verified_at = at
        user.save(update_fields=["phone_verified_at"])
        audit.record(action=action, target=f"user:{user.pk}", actor=actor, at=at)
    return user


def _code_gone() -> CodeGone:
    return CodeGone(_("This code is too old or was tried too often. Have a new one sent."))


def _phone_changed() -> PhoneChanged:
    return PhoneChanged(_("The account has another phone number by now. Look it up again."))
