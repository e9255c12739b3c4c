"""Reading the link in an email, for the browser and the person that opened it."""

from collections.abc import Collection
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser

from accounts.links import Link, SignUpLink
from accounts.models import SignUp, User
from accounts.selectors import find_by_email, is_noted_at_counter, sign_up_for


@dataclass(frozen=True)
class Behind:
    """The outcome of opening a link, by its `state`.

    One of: gone (forged, used or too old), account (a button makes the account), password (it has to be chosen first),
    sign_in (only the account that asked may go on), other_account (this is another one), taken (the address has an
    account by now), change (a button changes the address). `is_noted`: see is_noted_at_counter.
    """

    state: str
    email: str = ""
    sign_up: SignUp | None = None
    is_noted: bool = False


GONE = Behind("gone")


def look_behind(link: Link | None, *, browser: Collection[int], user: User | AnonymousUser) -> Behind:
    """Return the outcome of opening this link here. `browser`: the sign-ups made in this browser."""
    if link is None:
        return GONE
    return _sign_up(link, browser) if isinstance(link, SignUpLink) else _change(link.address_id, user)


def _sign_up(link: SignUpLink, browser: Collection[int]) -> Behind:
    row = SignUp.objects.select_related("registration", "application").filter(pk=link.sign_up_id).first()
    if row is None or find_by_email(row.email) is not None:
        return GONE
    knows_password = sign_up_for(row.email, preferred=browser, only_preferred=True) is not None
    state = "account" if knows_password and not link.chooses_password else "password"
    return Behind(state, row.email, row, is_noted_at_counter(row))


def _change(address_id: int, user: User | AnonymousUser) -> Behind:
    row = EmailAddress.objects.filter(pk=address_id, verified=False).first()
    if row is None:
        return GONE
    if not user.is_authenticated:
        return Behind("sign_in")
    if row.user_id != user.pk:
        return Behind("other_account")
    owner = find_by_email(row.email)
    return Behind("taken" if owner is not None and owner.pk != user.pk else "change", row.email)
