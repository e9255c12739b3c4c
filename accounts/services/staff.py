"""People who work here: hiring, inviting, changing role, leaving. Each change has an audit entry."""

import datetime as dt
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import limits
from accounts.emails import normalise
from accounts.models import Notice, User
from accounts.roles import ROLES
from accounts.services import audit, outgoing
from accounts.services.register import clean_phone, email_taken, save_with_address
from accounts.services.sessions import end_clients, end_sessions
from common import throttle
from common.actors import Actor
from common.errors import DomainError
from common.typed_text import clean_name

OWNER = "owner"


class UnknownRole(DomainError):
    """There is no such role."""

    code = "unknown_role"


class NotStaff(DomainError):
    """The account belongs to a customer; staff have accounts of their own."""

    code = "not_staff"


class LastOwner(DomainError):
    """Without an active owner nobody could manage the site."""

    code = "last_owner"


class PhoneTaken(DomainError):
    """Another account has verified this phone."""

    code = "phone_taken"


class Inactive(DomainError):
    """A person who cannot sign in gets no link."""

    code = "inactive"


@dataclass(frozen=True)
class StaffDetails:
    """A staff member's email, name, phone ("" if none), role, and whether they may sign in."""

    email: str
    name: str
    role: str
    phone: str = ""
    is_active: bool = True


def create_staff(
    *, email: str, name: str, role: str, password: str | None = None, phone: str = "", actor: Actor, at: dt.datetime
) -> User:
    """Make an account with one role. Raises UnknownRole, EmailTaken, BadPhone, PhoneTaken, TooManyAttempts.

    With a password the person can sign in at once. Without one the account is invited: its address counts as verified
    when somebody chooses a password by the link that is mailed there. The owner vouches for the phone: it is verified.
    """
    group = _group(role)
    row = User(email=normalise(email), name=clean_name(name), phone=clean_phone(phone), date_joined=at)
    row.phone_verified_at = at if row.phone else None
    row.set_password(password)
    _refuse_taken(row)
    try:
        with transaction.atomic():
            save_with_address(row, verified=password is not None)
            row.groups.set([group])
            audit.record(action="staff.create", target=f"user:{row.pk}", note=role, actor=actor, at=at)
            if password is None:
                _mail_link(row, at)
    except IntegrityError:  # taken between the look-up and the write
        _refuse_taken(row)
        raise
    return row


@transaction.atomic
def change_role(*, user_id: int, role: str, actor: Actor, at: dt.datetime) -> User:
    """Give a staff member another role in place of the old one; tokens, which name the role, end.

    Raises UnknownRole, NotStaff, LastOwner. Idempotent.
    """
    group = _group(role)
    user, old = _locked_staff(user_id)
    if old == role:
        return user
    if old == OWNER and user.is_active:
        _refuse_last_owner(user)
    user.groups.set([group])
    user.user_permissions.clear()
    user._role = role
    end_clients(user=user, at=at)
    audit.record(action="staff.role", target=f"user:{user.pk}", note=f"{old} -> {role}", actor=actor, at=at)
    return user


@transaction.atomic
def deactivate(*, user_id: int, actor: Actor, at: dt.datetime) -> User:
    """Shut a staff member out at once and end all their sessions. Raises NotStaff, LastOwner. Idempotent."""
    user, role = _locked_staff(user_id)
    if not user.is_active:
        return user
    if role == OWNER:
        _refuse_last_owner(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions(user=user, at=at)
    Notice.objects.filter(user=user).delete()
    audit.record(action="staff.deactivate", target=f"user:{user.pk}", note=role, actor=actor, at=at)
    return user


@transaction.atomic
def reactivate(*, user_id: int, actor: Actor, at: dt.datetime) -> User:
    """Let a staff member in again. Raises NotStaff. Idempotent."""
    user, role = _locked_staff(user_id)
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        audit.record(action="staff.reactivate", target=f"user:{user.pk}", note=role, actor=actor, at=at)
    return user


@transaction.atomic
def change_details(*, user_id: int, name: str, phone: str | None = None, actor: Actor, at: dt.datetime) -> User:
    """Set a staff member's name and, unless None, phone ("" takes it away). Raises NotStaff, BadPhone, PhoneTaken."""
    user, _role = _locked_staff(user_id)
    user.name = clean_name(name)
    if phone is not None:
        number = clean_phone(phone)
        if number != user.phone:
            user.phone, user.phone_verified_at = number, at if number else None
            _refuse_taken(user)
        elif number and user.phone_verified_at is None and not _is_taken(user):
            # They changed it themselves; now the owner vouches for it.
            user.phone_verified_at = at
    user.save(update_fields=["name", "phone", "phone_verified_at"])
    audit.record(action="staff.details", target=f"user:{user.pk}", actor=actor, at=at)
    return user


@transaction.atomic
def correct_email(*, user_id: int, email: str, actor: Actor, at: dt.datetime) -> User:
    """Give a staff member's account another address and invite them there.

    The new mailbox is not verified yet, so the account starts again: the password no longer works and all
    sessions end. Raises NotStaff, LastOwner, EmailTaken, TooManyAttempts. Idempotent.
    """
    user, role = _locked_staff(user_id)
    wanted = normalise(email)
    if wanted == user.email:
        return user
    if role == OWNER and user.is_active:
        _refuse_last_owner(user)
    user.email = wanted
    user.set_unusable_password()
    _refuse_taken(user)
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=wanted, primary=True, verified=False)
    user.save(update_fields=["email", "password"])
    end_sessions(user=user, at=at)
    # What the old mailbox was told must not undo what an owner corrects.
    Notice.objects.filter(user=user).delete()
    audit.record(action="staff.email", target=f"user:{user.pk}", actor=actor, at=at)
    if user.is_active:
        _mail_link(user, at)
    return user


@transaction.atomic
def send_link(*, user_id: int, actor: Actor, at: dt.datetime) -> User:
    """Send a staff member a link to choose a password: the invitation again, or a reset link if they have one.

    Raises NotStaff, Inactive, TooManyAttempts.
    """
    user, _role = _locked_staff(user_id)
    if not user.is_active:
        raise Inactive(_("Only active people can sign in. Save them as active first."))
    action = "staff.invite" if not user.has_usable_password() else "staff.reset_link"
    audit.record(action=action, target=f"user:{user.pk}", actor=actor, at=at)
    _mail_link(user, at)
    return user


def update_staff(*, user_id: int, details: StaffDetails, actor: Actor, at: dt.datetime) -> User:
    """Bring a staff member to this state in one step, all or nothing. Raises what the single steps raise."""
    with transaction.atomic():
        change_details(user_id=user_id, name=details.name, phone=details.phone, actor=actor, at=at)
        if not details.is_active:
            deactivate(user_id=user_id, actor=actor, at=at)
        change_role(user_id=user_id, role=details.role, actor=actor, at=at)
        if details.is_active:
            reactivate(user_id=user_id, actor=actor, at=at)
        return correct_email(user_id=user_id, email=details.email, actor=actor, at=at)


def _group(role: str) -> Group:
    if role not in ROLES:
        raise UnknownRole(_("There is no role “%(role)s”.") % {"role": role})
    return Group.objects.get_or_create(name=role)[0]


def _locked_staff(user_id: int) -> tuple[User, str]:
    """Return the user and their role (of an inactive one, the role they had).

    All owners are locked too, in one order: when two dismiss each other, only the first succeeds.
    """
    owners = User.objects.filter(groups__name=OWNER).values("pk")
    rows = User.objects.select_for_update().filter(Q(pk=user_id) | Q(pk__in=owners)).order_by("pk")
    user = next((row for row in rows if row.pk == user_id), None)
    names = set(user.groups.values_list("name", flat=True)) if user else set()
    role = next((code for code in ROLES if code in names), None)
    if user is None or role is None:
        raise NotStaff(_("This is not a staff account. Make a new one with a different email address."))
    return user, role


def _refuse_last_owner(leaving: User) -> None:
    """Raise LastOwner unless another owner can sign in; an invited one cannot yet. The owners must be locked."""
    others = User.objects.filter(groups__name=OWNER, is_active=True).exclude(pk=leaving.pk)
    if not others.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).exists():
        raise LastOwner(_("This is the last active owner who has a password. Another owner must choose one first."))


def _refuse_taken(row: User) -> None:
    if row.email and User.objects.exclude(pk=row.pk).filter(email__iexact=row.email).exists():
        raise email_taken()
    if _is_taken(row):
        raise PhoneTaken(_("Another account has this phone number."))


def _is_taken(row: User) -> bool:
    """Return whether another account has verified this phone."""
    others = User.objects.exclude(pk=row.pk)
    return bool(row.phone) and others.filter(phone=row.phone, phone_verified_at__isnull=False).exists()


def _mail_link(user: User, at: dt.datetime) -> None:
    throttle.take_or_refuse(limits.INVITE_MAIL, user.email or "", at=at)
    outgoing.mail(event=outgoing.INVITE, subject_id=user.pk, at=at)
