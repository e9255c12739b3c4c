"""Finding people: by what they sign in with, and those who are staff."""

import datetime as dt
import uuid
from collections.abc import Collection

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import QuerySet

from accounts.emails import normalise
from accounts.links import ShownLink
from accounts.models import Address, CourierApplication, Notice, PhoneCode, Registration, SignUp, User
from accounts.phone_codes import ATTEMPTS, KEPT
from accounts.phones import look_up_form
from accounts.roles import ROLES, role_of


def find_by_login(text: str) -> User | None:
    """Return the account with this email or verified phone, in any spelling."""
    return find_by_email(text) if "@" in text else find_by_phone(text)


def find_by_email(text: str) -> User | None:
    """Return the account whose own address this is, in any spelling; one that is not confirmed yet finds nobody."""
    email = normalise(text)
    return User.objects.filter(email=email).first() if email else None


def find_by_phone(text: str) -> User | None:
    """Return the account that has verified this phone, however it is written; there is one at most."""
    phone = look_up_form(text)
    return User.objects.filter(phone=phone, phone_verified_at__isnull=False).first() if phone else None


def holders_of_phone(phone: str) -> list[User]:
    """Return the customers who entered this number (E.164), verified or not; one number may be in several accounts."""
    active = User.objects.filter(phone=phone, is_active=True, erased_at=None)
    return list(active.exclude(pk__in=staff_users().values("pk")).order_by("pk"))


def sign_up_for(text: str, *, preferred: Collection[int] = (), only_preferred: bool = False) -> SignUp | None:
    """Return the newest sign-up for a mailbox, one of those `preferred` if there is any; None without one.

    Without a password that works, such as one that the counter has taken back, none is preferred.
    """
    email = normalise(text)
    rows = SignUp.objects.filter(email=email).order_by("-created_at", "-pk")
    works = rows.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    own = works.filter(pk__in=preferred).first() if preferred else None
    return own or (None if only_preferred else rows.first())


def is_noted_at_counter(sign_up: SignUp) -> bool:
    """Return whether an employee noted this sign-up and nobody has chosen its password yet.

    Then name and phone are what the customer said for this mailbox. Once there is a password, they belong to people
    who know it: the mailbox may be somebody else's (ADR 10).
    """
    has_password = not sign_up.password.startswith(UNUSABLE_PASSWORD_PREFIX)
    return not has_password and Registration.objects.filter(sign_up=sign_up).exists()


def registration_behind(link: ShownLink | None) -> Registration | None:
    """Return the registration whose newest link this is, with its sign-up; None if it is used or made anew."""
    if link is None:
        return None
    current = Registration.objects.filter(pk=link.registration_id, links=link.number, sign_up__isnull=False)
    return current.select_related("sign_up").first()


def application_of(user: User) -> CourierApplication | None:
    """Return what a person without a role applied for, and how that stands; None for everybody else."""
    if role_of(user) is not None:
        return None
    return CourierApplication.objects.filter(user=user).first()


def applications() -> QuerySet[CourierApplication]:
    """Return the applications that owners decide or have refused, those that wait first; the addresses are verified."""
    return CourierApplication.objects.filter(user__is_active=True).exclude(state="approved").select_related("user")


def has_phone_code(user: User, *, at: dt.datetime) -> bool:
    """Return whether a code that still works was sent to the user's phone."""
    return PhoneCode.objects.filter(user=user, attempts__lt=ATTEMPTS, created_at__gt=at - KEPT).exists()


def has_proven_mailbox(user: User) -> bool:
    """Return whether the account's own address is verified."""
    return EmailAddress.objects.filter(user=user, email__iexact=user.email or "", verified=True).exists()


def addresses_of(user: User) -> list[Address]:
    """Return the addresses that a person keeps, the usual one first."""
    return list(Address.objects.filter(user=user).order_by("-is_usual", "pk"))


def address_of(user: User, public_id: uuid.UUID) -> Address | None:
    """Return one of a person's addresses; one of somebody else's is none."""
    return Address.objects.filter(user=user, public_id=public_id).first()


def has_owner() -> bool:
    """Say whether anybody can manage this installation."""
    return User.objects.filter(groups__name="owner", is_active=True).exists()


def staff_users() -> QuerySet[User]:
    """Return everybody who works here, active or not. Never a customer; the break-glass account is not listed."""
    return User.objects.filter(pk__in=User.objects.filter(groups__name__in=ROLES).values("pk"))


def notice_behind(notice_id: int | None) -> Notice | None:
    """Return the notice that a link was mailed with, unless it was used or the account may not be used."""
    if notice_id is None:
        return None
    return Notice.objects.select_related("user").filter(pk=notice_id, user__is_active=True).first()


def can_put_back(notice: Notice) -> bool:
    """Return whether an account may have the address of a notice again: it has it, or lost it since; nobody else has.

    A later notice of that change is in the same mailbox, so an earlier one of something else does as much.
    """
    user = notice.user
    if user.email == notice.email:
        return True
    changes = Notice.objects.filter(user=user, email=notice.email, is_of_email=True, pk__gte=notice.pk)
    return changes.exists() and not User.objects.filter(email__iexact=notice.email).exclude(pk=user.pk).exists()
