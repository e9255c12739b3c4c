"""Deleting an account: the row stays, so that books go on pointing to somebody; nothing in it says who."""

import datetime as dt

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import AuditEntry, CourierApplication, MailRequest, Notice, PhoneCode, SignUp, User
from accounts.roles import is_staff_member
from accounts.services import audit
from accounts.services.sessions import end_sessions
from common.actors import DELETED, Actor
from common.errors import DomainError
from common.registry import erase_person, is_person_left

TRIES = 3


class StillNeeded(DomainError):
    """Something is under way for which the person is needed. extra["reasons"]: sentences."""

    code = "still_needed"


class WorksHere(DomainError):
    """Accounts of staff are ended by an owner."""

    code = "works_here"


def erase_account(*, user_id: int, at: dt.datetime) -> None:
    """Erase all that is kept of a customer and end their sessions. Idempotent.

    The books stay: orders with their lines and payments, without a name. Raises StillNeeded, WorksHere; then nothing
    has changed.
    """
    user = User.objects.get(pk=user_id)
    if user.erased_at is not None:
        return
    if is_staff_member(user) or user.is_superuser:
        raise _works_here()
    for _try in range(TRIES):
        with transaction.atomic():
            # Carts and orders are locked before the account, as by people who buy.
            _erase_from_apps(user_id, at)
            user = User.objects.select_for_update().get(pk=user_id)
            if is_staff_member(user):  # since it was asked
                raise _works_here()
            if is_person_left(user_id):
                # Something was put in a cart or ordered meanwhile: begin again, never lock backwards.
                transaction.set_rollback(True)
                continue
            if user.erased_at is None:
                _erase_row(user, at)
                AuditEntry.objects.filter(actor=user).update(actor_label=DELETED)
                audit.record(action="account.erase", target=f"user:{user.pk}", actor=Actor(DELETED, user.pk), at=at)
                end_sessions(user=user, at=at)
            return
    raise _still_needed([_("Something was put in the cart or bought just now.")])


def _erase_from_apps(user_id: int, at: dt.datetime) -> None:
    reasons = erase_person(user_id, at)
    if reasons:
        raise _still_needed(reasons)


def _works_here() -> WorksHere:
    return WorksHere(_("People who work here are shut out by an owner, and their names stay with what they did."))


def _still_needed(reasons: list[str]) -> StillNeeded:
    return StillNeeded(_("Your account cannot be deleted yet."), extra={"reasons": reasons})


def _addresses_of(user: User) -> set[str]:
    """Return the addresses of an account, those it had before and was told of included, unless others have them now."""
    own = {user.email or "", *EmailAddress.objects.filter(user=user).values_list("email", flat=True)}
    before = {*Notice.objects.filter(user=user).values_list("email", flat=True)} - own
    taken = {email for email in before if User.objects.filter(email__iexact=email).exclude(pk=user.pk).exists()}
    return (own | before) - taken - {""}


def _erase_row(user: User, at: dt.datetime) -> None:
    for address in _addresses_of(user):
        CourierApplication.objects.filter(sign_up__email__iexact=address).delete()
        SignUp.objects.filter(email__iexact=address).delete()
        MailRequest.objects.filter(email__iexact=address).delete()
    EmailAddress.objects.filter(user=user).delete()
    PhoneCode.objects.filter(user=user).delete()
    Notice.objects.filter(user=user).delete()
    applied = CourierApplication.objects.filter(user=user)
    # Locked first: who looks at one meanwhile says why before this, or not at all.
    keys = list(applied.select_for_update().values_list("pk", flat=True))
    audit.forget_reasons(targets=[f"application:{pk}" for pk in keys])
    applied.delete()
    Authenticator.objects.filter(user=user).delete()
    user.email = user.phone = user.phone_verified_at = user.name = user.last_login = user.news_agreed_at = None
    user.is_active, user.erased_at = False, at
    user.set_unusable_password()
    user.save()
