"""People who work here: hiring, changing role, leaving. Each change has an audit entry."""

import datetime as dt

from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.emails import normalise
from accounts.models import User
from accounts.roles import ROLES
from accounts.services import audit
from accounts.services.register import clean_phone, email_taken, save_with_address
from common.actors import Actor
from common.errors import DomainError
from common.typed_text import clean_text

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
    """Another account has this phone."""

    code = "phone_taken"


def create_staff(
    *, email: str, name: str, role: str, password: str | None = None, phone: str = "", actor: Actor, at: dt.datetime
) -> User:
    """Make an account with one role, its mailbox taken as proven. Raises UnknownRole, EmailTaken, BadPhone, PhoneTaken.

    Without a password the person chooses one by "Forgotten your password?".
    """
    group = _group(role)
    row = User(email=normalise(email), name=clean_text(name), phone=clean_phone(phone), date_joined=at)
    row.set_password(password)
    _refuse_taken(row)
    try:
        with transaction.atomic():
            save_with_address(row, verified=True)
            row.groups.set([group])
            audit.record(action="staff.create", target=f"user:{row.pk}", note=role, actor=actor, at=at)
    except IntegrityError:  # taken between the look-up and the write
        _refuse_taken(row)
        raise
    return row


@transaction.atomic
def change_role(*, user_id: int, role: str, actor: Actor, at: dt.datetime) -> User:
    """Give a staff member another role instead of his. Raises UnknownRole, NotStaff, LastOwner. Idempotent."""
    group = _group(role)
    user, old = _locked_staff(user_id)
    if old == role:
        return user
    if old == OWNER and user.is_active:
        _refuse_last_owner(user)
    user.groups.set([group])
    user.user_permissions.clear()
    user._role = role
    audit.record(action="staff.role", target=f"user:{user.pk}", note=f"{old} -> {role}", actor=actor, at=at)
    return user


@transaction.atomic
def deactivate(*, user_id: int, actor: Actor, at: dt.datetime) -> User:
    """Shut a staff member out at once, his open sessions too. Raises NotStaff, LastOwner. Idempotent."""
    user, role = _locked_staff(user_id)
    if not user.is_active:
        return user
    if role == OWNER:
        _refuse_last_owner(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    _end_sessions(user, at)
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
    user.name = clean_text(name)
    if phone is not None:
        number = clean_phone(phone)
        if number != user.phone:
            user.phone, user.phone_verified_at = number, None
    _refuse_taken(user)
    user.save(update_fields=["name", "phone", "phone_verified_at"])
    audit.record(action="staff.presenters.details", target=f"user:{user.pk}", actor=actor, at=at)
    return user


def update_staff(
    *, user_id: int, name: str, phone: str, role: str, is_active: bool, actor: Actor, at: dt.datetime
) -> User:
    """Bring a staff member to this state in one step, all or nothing. Raises what the single steps raise."""
    with transaction.atomic():
        user = change_details(user_id=user_id, name=name, phone=phone, actor=actor, at=at)
        if not is_active:
            user = deactivate(user_id=user_id, actor=actor, at=at)
        user = change_role(user_id=user_id, role=role, actor=actor, at=at)
        if is_active:
            user = reactivate(user_id=user_id, actor=actor, at=at)
    return user


def _group(role: str) -> Group:
    if role not in ROLES:
        raise UnknownRole(_("There is no role “%(role)s”.") % {"role": role})
    return Group.objects.get_or_create(name=role)[0]


def _locked_staff(user_id: int) -> tuple[User, str]:
    """Return the user and his role (of an inactive one, the role he had).

    All owners are locked with him, in one order, so that two who dismiss each other do not pass unseen.
    """
    owners = User.objects.filter(groups__name=OWNER).values("pk")
    rows = User.objects.select_for_update().filter(Q(pk=user_id) | Q(pk__in=owners)).order_by("pk")
    user = next((row for row in rows if row.pk == user_id), None)
    names = set(user.groups.values_list("name", flat=True)) if user else set()
    role = next((code for code in ROLES if code in names), None)
    if user is None or role is None:
        raise NotStaff(_("This is not a staff account. Make a new one with another e-mail address."))
    return user, role


def _refuse_last_owner(leaving: User) -> None:
    """To be asked with the owners locked."""
    if not User.objects.filter(groups__name=OWNER, is_active=True).exclude(pk=leaving.pk).exists():
        raise LastOwner(_("This is the last active owner. Make another owner first."))


def _refuse_taken(row: User) -> None:
    others = User.objects.exclude(pk=row.pk)
    if row.email and others.filter(email__iexact=row.email).exists():
        raise email_taken()
    if row.phone and others.filter(phone=row.phone).exists():
        raise PhoneTaken(_("Another account has this phone number."))


def _end_sessions(user: User, at: dt.datetime) -> None:
    for session in Session.objects.filter(expire_date__gt=at).iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
