"""The second factor of an account: turning it on and off, and checking its codes."""

import datetime as dt
import hmac

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import limits
from accounts.actors import actor_of
from accounts.models import User
from accounts.second_factor import has_second_factor, must_have_second_factor
from accounts.selectors import staff_users
from accounts.services import audit, outgoing
from accounts.services.sessions import end_sessions, lock_own
from common import throttle
from common.actors import GUEST, Actor
from common.errors import DomainError
from common.typed_text import clean_identifier

PERIOD = 30
# Clocks of phones are up to half a minute wrong.
AROUND = (-1, 0, 1)


class WrongCode(DomainError):
    """No code of the account's second factor, or one that has been used."""

    code = "wrong_code"


class AlreadyOn(DomainError):
    """The account has a second factor."""

    code = "second_factor_on"


class NotOn(DomainError):
    """The account has no second factor."""

    code = "second_factor_off"


class OwnSecondFactor(DomainError):
    """One's own is turned off on the site, which asks for the password first."""

    code = "own_second_factor"


class Required(DomainError):
    """Owners of this installation must have a second factor."""

    code = "second_factor_needed"


def turn_on(*, user: User, secret: str, code: str, keep: str | None, at: dt.datetime) -> None:
    """Ask for codes of an app at sign-in from now on, once the app has shown a right one; make recovery codes.

    Other sessions and tokens, begun without a code, end; `keep` is the key of the one that stays.
    Raises AlreadyOn, WrongCode, TooManyAttempts, Overtaken, AccountGone.
    """
    step = _step_shown(user, secret, code, at)
    with transaction.atomic():
        user = lock_own(user=user, session=keep)
        if has_second_factor(user):
            raise AlreadyOn(_("The second step is on already."))
        Authenticator.objects.filter(user=user).delete()
        _add_app(user, secret, step)
        RecoveryCodes.activate(user)
        end_sessions(user=user, keep=keep, at=at)
        audit.record(action="account.second_factor_on", target=f"user:{user.pk}", actor=actor_of(user), at=at)
        outgoing.tell(event=outgoing.SECOND_FACTOR_ON, user=user, had_second_factor=False, at=at)
    throttle.give_back(limits.SECOND_FACTOR, _counted(user.pk))


@transaction.atomic
def turn_off(*, user: User, session: str | None = None, at: dt.datetime) -> None:
    """Ask for no codes any more. `session` is the key of who asks. Raises NotOn, Required, Overtaken, AccountGone."""
    user = lock_own(user=user, session=session)
    if must_have_second_factor(user):
        raise Required(_("Owners need the second step here. You can use another app, not turn it off."))
    _remove(user)
    audit.record(action="account.second_factor_off", target=f"user:{user.pk}", actor=actor_of(user), at=at)
    outgoing.tell(event=outgoing.SECOND_FACTOR_OFF, user=user, had_second_factor=True, at=at)


@transaction.atomic
def turn_off_for(*, user_id: int, actor: Actor, at: dt.datetime, has_server: bool = False) -> User:
    """Let a staff member who has lost their device sign in with the password alone.

    `has_server`: who asks has the server, and helps customers, too. Raises NotOn, OwnSecondFactor.
    """
    people = User.objects.filter(erased_at=None) if has_server else staff_users()
    user = people.select_for_update(no_key=True).filter(pk=user_id).first()
    if user is None:
        raise _not_on()
    if actor.user_id == user.pk:
        raise OwnSecondFactor(_("Your own second step is turned off on the site, under Security."))
    _remove(user)
    audit.record(action="staff.second_factor_off", target=f"user:{user.pk}", actor=actor, at=at)
    outgoing.tell(event=outgoing.SECOND_FACTOR_OFF, user=user, had_second_factor=True, at=at)
    for limit in (limits.SECOND_FACTOR, limits.SECOND_FACTOR_DAY):
        throttle.forget(limit, _counted(user.pk))
    return user


def replace_app(*, user: User, secret: str, code: str, keep: str | None, at: dt.datetime) -> None:
    """Ask for codes of another app instead, once it has shown a right one; recovery codes stay.

    Other sessions and tokens end; `keep` is the key of the one that stays.
    Raises NotOn, WrongCode, TooManyAttempts, Overtaken, AccountGone.
    """
    step = _step_shown(user, secret, code, at)
    with transaction.atomic():
        user = lock_own(user=user, session=keep)
        if not has_second_factor(user):
            raise _not_on()
        Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
        _add_app(user, secret, step)
        end_sessions(user=user, keep=keep, at=at)
        audit.record(action="account.second_factor_app", target=f"user:{user.pk}", actor=actor_of(user), at=at)
        outgoing.tell(event=outgoing.SECOND_FACTOR_ON, user=user, at=at)
    throttle.give_back(limits.SECOND_FACTOR, _counted(user.pk))


@transaction.atomic
def renew_recovery_codes(*, user: User, session: str | None = None, at: dt.datetime) -> None:
    """Make new recovery codes in place of all others. Raises NotOn, Overtaken, AccountGone."""
    user = lock_own(user=user, session=session)
    if not has_second_factor(user):
        raise _not_on()
    Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
    RecoveryCodes.activate(user)
    audit.record(action="account.recovery_codes", target=f"user:{user.pk}", actor=actor_of(user), at=at)
    outgoing.tell(event=outgoing.RECOVERY_CODES, user=user, at=at)


@transaction.atomic
def put_codes_away(*, user: User, at: dt.datetime) -> None:
    """Never show a person's recovery codes again: they have kept them. Idempotent."""
    row = _locked(user.pk, Authenticator.Type.RECOVERY_CODES)
    if row is not None and "kept_at" not in row.data:
        row.data["kept_at"] = at.isoformat()
        row.save(update_fields=["data"])


def check_code(*, user_id: int, code: str, at: dt.datetime) -> Authenticator:
    """Use up a code of an authenticator app, or a recovery code; return what it belongs to.

    An attempt is counted before the code is looked at, and taken off again when it was right. Who uses up the limit of
    a day knows the password, so the person is told. Raises WrongCode, TooManyAttempts.
    """
    today = _counted_today(user_id, at)
    typed = _typed(code)
    with transaction.atomic():
        # The account first, as by everybody who changes it: a recovery code's audit locks it at the commit.
        User.objects.select_for_update(no_key=True).get(pk=user_id)
        found = _used_totp(user_id, typed, at) or _used_recovery_code(user_id, typed, at)
    if found is None:
        if today == limits.SECOND_FACTOR_DAY.amount:
            _tell_of_guesses(user_id, at)
        raise WrongCode(_("This code is not right, or it has been used. Enter the one your app shows now."))
    for limit in (limits.SECOND_FACTOR, limits.SECOND_FACTOR_DAY):
        throttle.give_back(limit, _counted(user_id))
    return found


def _counted_today(user_id: int, at: dt.datetime) -> int:
    """Count an attempt in both limits; return how many there were in the day's. Raises TooManyAttempts."""
    today = throttle.take_or_refuse(limits.SECOND_FACTOR_DAY, _counted(user_id), at=at)
    if not throttle.take(limits.SECOND_FACTOR, _counted(user_id), at=at):
        throttle.give_back(limits.SECOND_FACTOR_DAY, _counted(user_id))
        raise throttle.too_many(limits.SECOND_FACTOR, _counted(user_id), at=at)
    return today


@transaction.atomic
def _tell_of_guesses(user_id: int, at: dt.datetime) -> None:
    audit.record(action="account.codes_guessed", target=f"user:{user_id}", actor=GUEST, at=at)
    outgoing.tell(event=outgoing.CODES_GUESSED, user=User.objects.get(pk=user_id), at=at)


def fitting_step(*, secret: str, code: str, at: dt.datetime) -> int | None:
    """Return the half-minute whose code this is, None if it is none of those around now."""
    now = int(at.timestamp()) // PERIOD
    fits = (step for step in (now + around for around in AROUND) if _is_code_of(secret, step, code))
    return next(fits, None) if secret else None


def _is_code_of(secret: str, step: int, code: str) -> bool:
    return hmac.compare_digest(format_hotp_value(hotp_value(secret, step)).encode(), code.encode())


def _used_totp(user_id: int, code: str, at: dt.datetime) -> Authenticator | None:
    row = _locked(user_id, Authenticator.Type.TOTP)
    step = fitting_step(secret=decrypt(row.data["secret"]), code=code, at=at) if row else None
    if row is None or step is None or step <= row.data.get("used_step", 0):
        return None
    row.data["used_step"] = step
    row.last_used_at = at
    row.save(update_fields=["data", "last_used_at"])
    return row


def _used_recovery_code(user_id: int, code: str, at: dt.datetime) -> Authenticator | None:
    row = _locked(user_id, Authenticator.Type.RECOVERY_CODES)
    # Without the app there is no second factor, and so nothing to recover.
    if row is None or not decrypt(row.data["seed"]) or not RecoveryCodes(row).validate_code(code):
        return None
    Authenticator.objects.filter(pk=row.pk).update(last_used_at=at)
    user = User.objects.get(pk=user_id)
    audit.record(action="account.recovery_code", target=f"user:{user_id}", actor=actor_of(user), at=at)
    outgoing.tell(event=outgoing.RECOVERY_CODE_USED, user=user, at=at)
    return row


def _step_shown(user: User, secret: str, code: str, at: dt.datetime) -> int:
    """Return the half-minute whose code a new app has shown. Raises WrongCode, TooManyAttempts."""
    throttle.take_or_refuse(limits.SECOND_FACTOR, _counted(user.pk), at=at)
    step = fitting_step(secret=secret, code=_typed(code), at=at)
    if step is None:
        raise WrongCode(_("This code is not right. Enter the one your app shows now."))
    return step


def _add_app(user: User, secret: str, step: int) -> None:
    app = TOTP.activate(user, secret).instance
    app.data["used_step"] = step
    app.save(update_fields=["data"])


def _remove(user: User) -> None:
    if not has_second_factor(user):
        raise _not_on()
    Authenticator.objects.filter(user=user).delete()


def _not_on() -> NotOn:
    return NotOn(_("The second step is off already."))


def _typed(code: str) -> str:
    return "".join(clean_identifier(code).replace("-", "").split())


def _counted(user_id: int) -> str:
    return f"user:{user_id}"


def _locked(user_id: int, kind: str) -> Authenticator | None:
    return Authenticator.objects.select_for_update().filter(user_id=user_id, type=kind).first()
