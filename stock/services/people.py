"""Add and change staff together with the shops they work in."""

import datetime as dt
from collections.abc import Collection

from django.db import transaction

from accounts.models import User
from accounts.services.staff import StaffDetails, create_staff, update_staff
from common.actors import Actor
from stock.services.shops import assign, set_posts


def add_person(
    *, details: StaffDetails, password: str | None, shop_ids: Collection[int], actor: Actor, at: dt.datetime
) -> User:
    """Make a staff account that works in these shops, all or nothing. Raises what `create_staff` raises."""
    with transaction.atomic():
        user = create_staff(
            email=details.email,
            name=details.name,
            role=details.role,
            password=password,
            phone=details.phone,
            actor=actor,
            at=at,
        )
        assign(user_id=user.pk, shop_ids=shop_ids, actor=actor, at=at)
    return user


def change_person(
    *, user_id: int, details: StaffDetails, shop_ids: Collection[int], actor: Actor, at: dt.datetime
) -> User:
    """Bring a staff member to this state, with exactly these shops, all or nothing. Raises what `update_staff` does."""
    with transaction.atomic():
        user = update_staff(user_id=user_id, details=details, actor=actor, at=at)
        set_posts(user_id=user_id, shop_ids=shop_ids, actor=actor, at=at)
    return user
