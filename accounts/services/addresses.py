"""The addresses that customers keep. All changes of one person's addresses wait for each other."""

import datetime as dt
import uuid
from dataclasses import asdict, dataclass, fields

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Address
from accounts.services.lock import lock_account
from common.errors import DomainError
from common.typed_text import clean_text


class UnknownAddress(DomainError):
    """The person has no such address."""

    code = "unknown_address"


class TooManyAddresses(DomainError):
    """The person keeps as many addresses as fit."""

    code = "too_many_addresses"


@dataclass(frozen=True)
class AddressDetails:
    """What is typed of an address; "" for what is left out. `label` is the person's own name for it."""

    street: str
    city: str
    label: str = ""
    recipient: str = ""
    details: str = ""
    postcode: str = ""
    note: str = ""

    def cleaned(self) -> "AddressDetails":
        """Return the details without characters that hide or reverse text, each on one line."""
        return AddressDetails(**{key: " ".join(clean_text(value).split()) for key, value in asdict(self).items()})


COLUMNS = tuple(field.name for field in fields(AddressDetails))


def add_address(*, user_id: int, details: AddressDetails, is_usual: bool = False, at: dt.datetime) -> Address:
    """Keep an address; the first one is the usual one. One that is kept already is not kept twice.

    Raises TooManyAddresses; then nothing has changed.
    """
    given = details.cleaned()
    with transaction.atomic():
        mine = _locked(user_id)
        same = next((row for row in mine if all(getattr(row, key) == getattr(given, key) for key in COLUMNS)), None)
        if same is None and len(mine) >= Address.MOST:
            raise TooManyAddresses(
                _("You keep %(count)s addresses, which is the most. Remove one first.") % {"count": Address.MOST}
            )
        row = same or Address(user_id=user_id, created_at=at, **asdict(given))
        _save(row, mine, is_usual=is_usual or row.is_usual or not mine)
    return row


def change_address(*, user_id: int, public_id: uuid.UUID, details: AddressDetails, is_usual: bool) -> Address:
    """Change one of a person's addresses. Orders keep the address they were made with. Raises UnknownAddress.

    The usual one stays the usual one until another is.
    """
    with transaction.atomic():
        mine = _locked(user_id)
        row = _one_of(mine, public_id)
        for key, value in asdict(details.cleaned()).items():
            setattr(row, key, value)
        _save(row, mine, is_usual=is_usual or row.is_usual)
    return row


def remove_address(*, user_id: int, public_id: uuid.UUID) -> None:
    """Remove one of a person's addresses; of those left the oldest becomes the usual one. Raises UnknownAddress."""
    with transaction.atomic():
        mine = _locked(user_id)
        row = _one_of(mine, public_id)
        row.delete()
        rest = [other for other in mine if other is not row]
        if row.is_usual and rest:
            _save(rest[0], rest, is_usual=True)


def erase_addresses(*, user_id: int) -> None:
    """Delete all addresses of a person, in the caller's transaction."""
    Address.objects.filter(user=user_id).delete()


def _locked(user_id: int) -> list[Address]:
    """Return a person's addresses, oldest first; the account is locked, so nobody adds one meanwhile.

    Raises AccountGone.
    """
    lock_account(user_id)
    return list(Address.objects.filter(user=user_id).order_by("pk"))


def _one_of(mine: list[Address], public_id: uuid.UUID) -> Address:
    row = next((row for row in mine if row.public_id == public_id), None)
    if row is None:
        raise UnknownAddress(_("This address is not here any more."))
    return row


def _save(row: Address, mine: list[Address], *, is_usual: bool) -> None:
    if is_usual and not row.is_usual:
        Address.objects.filter(pk__in=[other.pk for other in mine]).update(is_usual=False)
    row.is_usual = is_usual
    row.save()
