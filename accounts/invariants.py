"""Invariants of accounts: no duplicates, exactly one role per member of staff, no customers in the CMS."""

import datetime as dt
from collections.abc import Iterable

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import Group, Permission
from django.db.models import CharField, Count, Exists, F, OuterRef, Q
from django.db.models.functions import Cast, Lower, Trim

from accounts.models import CourierApplication, User, UserSession
from accounts.roles import ROLES
from accounts.selectors import staff_users
from common.registry import Row, invariant

E164 = r"^\+[1-9][0-9]{6,14}$"


@invariant("I24", "no two accounts share an email or verified phone; both are normalised; every mailbox is proven")
def people_are_unique(at: dt.datetime) -> Iterable[Row]:
    people = User.objects.annotate(plain=Lower(Trim("email")), number=Cast("phone", CharField()))
    verified_phones = people.filter(phone_verified_at__isnull=False)
    for name, rows, column in (("email", people, "plain"), ("phone", verified_phones, "number")):
        shared = rows.filter(**{f"{column}__isnull": False}).values(column).annotate(n=Count("pk")).filter(n__gt=1)
        yield from ({"what": f"shared {name}", "users": row["n"]} for row in shared)
    for pk in verified_phones.filter(phone=None).values_list("pk", flat=True):
        yield {"what": "verified without a phone", "user": pk}
    for pk in people.exclude(email=F("plain")).filter(email__isnull=False).values_list("pk", flat=True):
        yield {"what": "email not normalised", "user": pk}
    for pk in people.filter(number__isnull=False).exclude(number__regex=E164).values_list("pk", flat=True):
        yield {"what": "phone not normalised", "user": pk}
    unproven = EmailAddress.objects.filter(primary=True, verified=False)
    for pk in unproven.exclude(user__in=staff_users()).values_list("user_id", flat=True):
        yield {"what": "account made before its mailbox was proven", "user": pk}
    verified = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True, email__iexact=OuterRef("email"))
    # Invited staff have no password yet: choosing it by the link that was mailed verifies the address.
    can_sign_in = staff_users().filter(is_active=True).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    for pk in can_sign_in.filter(~Exists(verified)).values_list("pk", flat=True):
        yield {"what": "active staff without a verified address", "user": pk}


@invariant("I25", "staff have one role and rights by it alone; there is an active owner; no customer enters the CMS")
def roles_are_sound(at: dt.datetime) -> Iterable[Row]:
    in_role = Q(groups__name__in=ROLES)
    for row in User.objects.filter(in_role).values("pk").annotate(n=Count("groups", filter=in_role)).filter(n__gt=1):
        yield {"what": "several roles", "user": row["pk"], "roles": row["n"]}
    for pk in User.objects.filter(user_permissions__isnull=False).distinct().values_list("pk", flat=True):
        yield {"what": "rights past the role", "user": pk}
    waiting = CourierApplication.objects.filter(state="waiting", user__in=staff_users())
    for pk in waiting.values_list("user_id", flat=True):
        yield {"what": "a role before the owner decided", "user": pk}
    # `setup_shop` makes the groups; staff may exist before it has run.
    is_set_up = Group.objects.filter(name="owner").exists()
    active = staff_users().filter(is_active=True)
    if is_set_up and staff_users().exists() and not active.filter(groups__name="owner").exists():
        yield {"what": "no active owner"}
    entering = Permission.objects.filter(content_type__app_label="wagtailadmin", codename="access_admin")
    outside = User.objects.filter(is_superuser=False).exclude(pk__in=staff_users().values("pk"))
    for pk in outside.filter(groups__permissions__in=entering).distinct().values_list("pk", flat=True):
        yield {"what": "customer with the key of the CMS", "user": pk}


@invariant("I26", "no live session or token of a disabled user")
def disabled_are_out(at: dt.datetime) -> Iterable[Row]:
    live = UserSession.objects.filter(user__is_active=False, expire_date__gt=at)
    # A sign-in that waits for its code is none yet, and is refused at its end.
    live = live.exclude(began_at=None, is_app=False)
    for user_id in live.order_by("user").values_list("user", flat=True):
        yield {"what": "session of a disabled user", "user": user_id}


@invariant("I27", "a deleted account keeps nothing that says who it was")
def deleted_are_nobody(at: dt.datetime) -> Iterable[Row]:
    deleted = User.objects.filter(erased_at__isnull=False)
    columns = ("email", "phone", "name", "last_login", "news_agreed_at")
    says = Q(*((f"{name}__isnull", False) for name in columns), _connector=Q.OR)
    for pk in deleted.filter(says | Q(is_active=True)).values_list("pk", flat=True):
        yield {"what": "a deleted account says who it was", "user": pk}
    for pk in EmailAddress.objects.filter(user__in=deleted).values_list("user_id", flat=True):
        yield {"what": "an address of a deleted account", "user": pk}
    for model in (UserSession, Authenticator):
        for pk in model.objects.filter(user__in=deleted).order_by("user").values_list("user_id", flat=True):
            yield {"what": f"{model._meta.verbose_name} of a deleted account", "user": pk}
