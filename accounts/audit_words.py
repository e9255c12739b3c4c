"""What entries of the audit say. Apps that own a kind of target name its rows in `<app>/audit_names.py`."""

import contextlib
import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEntry, User
from accounts.reveals import reason_text
from accounts.roles import ROLES
from accounts.selectors import staff_users

Names = Mapping[str, str]
Namer = Callable[[Collection[str]], Names]

WORDS = {
    "staff.create": _("Added %(target)s: %(note)s"),
    "staff.role": _("Changed the role of %(target)s: %(note)s"),
    "staff.deactivate": _("Shut out %(target)s"),
    "staff.reactivate": _("Let %(target)s in again"),
    "staff.details": _("Changed the name or phone of %(target)s"),
    "staff.email": _("Gave %(target)s another email address"),
    "staff.invite": _("Invited %(target)s again"),
    "staff.reset_link": _("Sent %(target)s a link to choose a password"),
    "staff.second_factor_off": _("Turned off the second step of %(target)s"),
    "staff.post": _("Let %(target)s work at %(note)s"),
    "staff.post_end": _("Took %(target)s away from %(note)s"),
    "account.create": _("Made the account of %(target)s"),
    "account.password": _("Chose a new password"),
    "account.sessions": _("Ended sessions of their account"),
    "account.second_factor_on": _("Turned on the second step of signing in"),
    "account.second_factor_off": _("Turned off the second step of signing in"),
    "account.second_factor_app": _("Took another app for the second step of signing in"),
    "account.recovery_codes": _("Made new recovery codes"),
    "account.recovery_code": _("Signed in with a recovery code"),
    "account.codes_guessed": _("Tried wrong codes at sign-in to %(target)s until none was taken any more"),
    "account.take_back": _("Took their account back after somebody else had changed it"),
    "account.email": _("Confirmed another email address"),
    "account.export": _("Downloaded their own data"),
    "account.news_on": _("Agreed to news by email"),
    "account.news_off": _("Withdrew their consent to news by email"),
    "account.erase": _("Deleted their account"),
    "account.phone_changed": _("Changed their phone number"),
    "account.phone_code": _("Had a code sent to their phone"),
    "account.phone": _("Verified their phone number"),
    "account.phone_lost": _("Verified a phone number that %(target)s had verified before"),
    "courier.approve": _("Approved the application of %(target)s"),
    "courier.refuse": _("Refused the application of %(target)s"),
    "courier.erase": _("Erased the refused application of %(target)s"),
    "customer.look_up": _("Looked for a customer by phone and found %(target)s"),
    "customer.not_found": _("Looked for a customer by phone and found nobody"),
    "customer.phone": _("Saw %(target)s with their phone and verified it"),
    "customer.register": _("Registered a customer at the counter: %(target)s"),
    "customer.known": _("Was told that %(target)s has this %(note)s already"),
    "customer.link": _("Made a new link for %(target)s"),
    "customer.mail": _("Had a link sent for %(target)s"),
    "shop.pause": _("Paused %(target)s until %(note)s"),
    "shop.resume": _("Let %(target)s take orders again"),
    "outbox.retry": _("Had %(target)s tried again"),
    "outbox.close": _("Closed %(target)s: %(note)s"),
    "reveal": _("Looked at the %(note)s of %(target)s"),
}
_namers: dict[str, Namer] = {}


def names_targets(kind: str) -> Callable[[Namer], Namer]:
    """Register the decorated function: it names the rows of a kind of target by their ids, as many as it can."""

    def register(namer: Namer) -> Namer:
        _namers[kind] = namer
        return namer

    return register


@names_targets("user")
def _people(ids: Collection[str]) -> Names:
    """Name those who work here. Customers stay numbers: nobody sees their data in the CMS."""
    ids = {number for number in ids if number.isdecimal()}
    known = {str(user.pk): user.name or user.email or "" for user in staff_users().filter(pk__in=ids)}
    others = User.objects.filter(pk__in=set(ids) - set(known)).values_list("pk", flat=True)
    return {**{str(pk): _customer(pk) for pk in others}, **known}


@names_targets("application")
def _applications(ids: Collection[str]) -> Names:
    """Name an application by its number: the applicant does not work here yet."""
    return {number: gettext("application no. %(number)s") % {"number": number} for number in ids}


@names_targets("registration")
def _registrations(ids: Collection[str]) -> Names:
    """Name a registration by its number: it says nothing about the customer."""
    return {number: gettext("registration no. %(number)s") % {"number": number} for number in ids}


def sentences(entries: Collection[AuditEntry]) -> list[str]:
    """Return what each entry says; one query for each kind of target."""
    autodiscover_modules("audit_names")
    named = _names_of({target for entry in entries for target in (entry.target, *_targets(entry.note))})
    return [_sentence(entry, named) for entry in entries]


def actors(entries: Collection[AuditEntry]) -> list[str]:
    """Return who made each entry: customers by number, all others by the name they had then."""
    ids = {entry.actor_id for entry in entries if entry.actor_id}
    staff = set(staff_users().filter(pk__in=ids).values_list("pk", flat=True))
    return [
        entry.actor_label if entry.actor_id is None or entry.actor_id in staff else _customer(entry.actor_id)
        for entry in entries
    ]


def _customer(number: object) -> str:
    return gettext("customer no. %(number)s") % {"number": number}


def moment_text(at: dt.datetime) -> str:
    """Return a moment in the site's time zone, to the minute."""
    return date_format(at.astimezone(ZoneInfo(settings.TIME_ZONE)), "j M Y, H:i")


def _sentence(entry: AuditEntry, named: Names) -> str:
    words = WORDS.get(entry.action)
    if words is None:
        return " ".join(part for part in (entry.action, named.get(entry.target), entry.note) if part)
    sentence = str(words) % {"target": named.get(entry.target, entry.target), "note": _note(entry, named)}
    return f"{sentence}: {reason_text(entry.reason)}" if entry.reason else sentence


def _note(entry: AuditEntry, named: Names) -> str:
    targets = _targets(entry.note)
    if targets:
        return ", ".join(named[target] for target in targets)
    if entry.action in ("staff.create", "staff.role"):
        return " → ".join(str(ROLES.get(code, code)) for code in entry.note.split(" -> "))
    if entry.action == "shop.pause":
        with contextlib.suppress(ValueError):
            return moment_text(dt.datetime.fromisoformat(entry.note))
    return entry.note


def _targets(note: str) -> list[str]:
    parts = note.split(", ")
    return parts if all(part.partition(":")[0] in _namers and ":" in part for part in parts) else []


def _names_of(targets: Iterable[str]) -> Names:
    ids: dict[str, set[str]] = {}
    for target in targets:
        kind, _colon, number = target.partition(":")
        ids.setdefault(kind, set()).add(number)
    named = {}
    for kind, numbers in ids.items():
        known = _namers[kind](numbers) if kind in _namers else {}
        named.update({f"{kind}:{number}": known.get(number, f"{kind} {number}") for number in numbers})
    return named
