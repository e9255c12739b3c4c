"""Applications of couriers as owners see them: masked until they ask."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import CourierApplication
from orders.masking import mask_email, mask_phone


@dataclass(frozen=True)
class Application:
    """One application. `is_shown`: email and phone are in full."""

    key: int
    name: str
    email: str
    phone: str
    is_shown: bool
    message: str
    since: dt.datetime
    is_waiting: bool
    reason: str
    decided: str


def build_applications(rows: Iterable[CourierApplication], shown: int | None) -> list[Application]:
    """Return how applications are shown; the applicants must be loaded."""
    return [_one(row, is_shown=row.pk == shown) for row in rows]


def _one(row: CourierApplication, *, is_shown: bool) -> Application:
    user = row.user
    email, phone = (user.email or "", str(user.phone or "")) if user else ("", "")
    return Application(
        key=row.pk,
        name=user.get_full_name() if user else "",
        email=email if is_shown else mask_email(email),
        phone=phone if is_shown else mask_phone(phone),
        is_shown=is_shown,
        message=row.message,
        since=row.created_at,
        is_waiting=row.state == CourierApplication.State.WAITING,
        reason=row.reason,
        decided=row.decided_label,
    )
