"""People who would like to deliver: applying, and an owner's decision. Until then their account has no role."""

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import limits
from accounts.models import CourierApplication, User
from accounts.roles import role_of
from accounts.services import audit, outgoing
from accounts.services.erase import StillNeeded, WorksHere, erase_account
from accounts.services.sessions import end_clients
from accounts.services.sign_up import save_and_mail, sign_up_row
from common import throttle
from common.actors import WORKER, Actor
from common.errors import DomainError
from common.registry import is_person_left
from common.typed_text import clean_text

# Long enough to answer for a refusal.
REFUSED_KEPT = dt.timedelta(days=180)
State = CourierApplication.State


class AlreadyDecided(DomainError):
    """Somebody was quicker, or the applicant has deleted the account."""

    code = "already_decided"


class BuysHere(DomainError):
    """The applicant is a customer; people who work here have accounts of their own."""

    code = "buys_here"


class ReasonMissing(DomainError):
    """A refusal needs a reason: the applicant reads it."""

    code = "reason_missing"


@dataclass(frozen=True)
class Applicant:
    """What an applicant typed."""

    email: str
    name: str
    phone: str
    password: str
    message: str = ""


def apply_as_courier(*, applicant: Applicant, network: str, at: dt.datetime) -> CourierApplication:
    """Note an application and the sign-up it begins with, and have the email sent. Raises BadPhone, TooManyAttempts.

    The same work whether or not the address has an account: the worker looks that up and writes accordingly.
    """
    throttle.take_or_refuse(limits.SIGN_UP, network, at=at)
    row = sign_up_row(
        email=applicant.email, name=applicant.name, password=applicant.password, phone=applicant.phone, at=at
    )
    with transaction.atomic():
        save_and_mail(row=row, at=at)
        return CourierApplication.objects.create(sign_up=row, message=clean_text(applicant.message), created_at=at)


@transaction.atomic
def approve(*, application_id: int, actor: Actor, at: dt.datetime) -> CourierApplication:
    """Give the applicant the role of a courier; tokens, which name the role, end. Raises AlreadyDecided, BuysHere."""
    application, user = _locked(application_id)
    if is_person_left(user.pk):
        raise BuysHere(
            _("This person buys here with the same account. Ask them to apply again with another email address.")
        )
    user.groups.set([Group.objects.get_or_create(name="courier")[0]])
    end_clients(user=user, at=at)
    application.message = ""
    return _decide(application, State.APPROVED, "", actor, at)


@transaction.atomic
def refuse(*, application_id: int, reason: str, actor: Actor, at: dt.datetime) -> CourierApplication:
    """Refuse an application; the applicant reads why. Raises ReasonMissing, AlreadyDecided."""
    reason = clean_text(reason)
    if not reason:
        raise ReasonMissing(_("Give a reason: the applicant reads it."))
    application, _user = _locked(application_id)
    return _decide(application, State.REFUSED, reason, actor, at)


@transaction.atomic
def reveal_applicant(*, application_id: int, reason: str, actor: Actor, at: dt.datetime) -> None:
    """Record that somebody sees an applicant's email and phone, and why.

    Who erases the application locks it, so no words about them are written after that. Raises AlreadyDecided if it is
    gone, ReasonMissing.
    """
    if not CourierApplication.objects.select_for_update().filter(pk=application_id).exists():
        raise _gone()
    audit.reveal(target=_target(application_id), field="email, phone", reason=reason, actor=actor, at=at)


def erase_refused(*, at: dt.datetime, limit: int = 100) -> int:
    """Erase applications refused half a year ago, and accounts that were not used since; return how many."""
    old = CourierApplication.objects.filter(state=State.REFUSED, decided_at__lt=at - REFUSED_KEPT, user__isnull=False)
    return sum(_erase_refused(application, at) for application in old.order_by("decided_at", "pk")[:limit])


def _erase_refused(application: CourierApplication, at: dt.datetime) -> int:
    user, user_id, decided_at = application.user, application.user_id, application.decided_at
    has_returned = bool(user and user.last_login and decided_at and user.last_login > decided_at)
    if user_id is not None and not has_returned and not is_person_left(user_id):
        try:
            # Takes the application, too.
            erase_account(user_id=user_id, at=at)
        except (StillNeeded, WorksHere):
            _delete(application)
    else:
        # They sign in or buy here by now: that account is no longer only an applicant's.
        _delete(application)
    audit.record(action="courier.erase", target=f"user:{user_id}", actor=WORKER, at=at)
    return 1


@transaction.atomic
def _delete(application: CourierApplication) -> None:
    """Delete an application with the words in which somebody said why they looked at it."""
    CourierApplication.objects.select_for_update().filter(pk=application.pk).first()
    audit.forget_reasons(targets=[_target(application.pk)])
    application.delete()


def _target(application_id: int) -> str:
    return f"application:{application_id}"


def _gone() -> AlreadyDecided:
    return AlreadyDecided(_("This application is gone: the person has deleted the account."))


def _locked(application_id: int) -> tuple[CourierApplication, User]:
    """Return a waiting application and its applicant, locked in the order in which deleting an account locks them."""
    user_id = CourierApplication.objects.filter(pk=application_id).values_list("user", flat=True).first()
    people = User.objects.select_for_update(no_key=True).filter(is_active=True, erased_at=None)
    user = people.filter(pk=user_id).first() if user_id else None
    application = CourierApplication.objects.select_for_update().filter(pk=application_id, user=user_id).first()
    if user is None or application is None:
        raise _gone()
    if application.state == State.APPROVED:
        raise AlreadyDecided(_("%(name)s has approved this application already.") % {"name": application.decided_label})
    if application.state == State.REFUSED:
        raise AlreadyDecided(_("%(name)s has refused this application already.") % {"name": application.decided_label})
    if role_of(user) is not None:
        raise AlreadyDecided(_("This person works here already."))
    return application, user


def _decide(
    application: CourierApplication, state: str, reason: str, actor: Actor, at: dt.datetime
) -> CourierApplication:
    application.state, application.reason, application.decided_at = state, reason, at
    application.decided_by_id, application.decided_label = actor.user_id, actor.label
    application.save()
    verb = "approve" if state == State.APPROVED else "refuse"
    audit.record(action=f"courier.{verb}", target=f"user:{application.user_id}", actor=actor, at=at)
    outgoing.mail(event=outgoing.DECIDED, subject_id=application.pk, at=at)
    return application
