"""The demo's accounts: one for each role and a customer."""

import datetime as dt

from accounts.demo import DEMO_ACCOUNTS
from accounts.models import User
from accounts.selectors import find_by_email
from accounts.services.register import register_customer
from accounts.services.staff import create_staff
from accounts.services.verify_phone import verify_at_counter
from common.actors import SETUP
from stock.models import Shop
from stock.services.shops import assign

# The shops where each role works; an owner works everywhere and needs no entry.
POSTS = {"employee": ["canal", "market"], "shop_manager": ["canal", "market", "station"]}


def load_people(shops: list[Shop], at: dt.datetime) -> dict[str, User]:
    """Create the demo accounts that are missing; return all of them by role code (including "customer")."""
    by_code = {shop.code: shop for shop in shops}
    people = {}
    for account in DEMO_ACCOUNTS:
        user = find_by_email(account.email) or _make(account, at)
        people[account.role] = user
        shop_ids = [by_code[code].pk for code in POSTS.get(account.role, ())]
        assign(user_id=user.pk, shop_ids=shop_ids, actor=SETUP, at=at)
    return people


def _make(account, at: dt.datetime) -> User:  # noqa: ANN001 - the row type of accounts.demo
    if account.role == "customer":
        user = register_customer(
            email=account.email, name=account.name, phone=account.phone, password=account.password,
            actor=SETUP, at=at,
        )  # fmt: skip
        return verify_at_counter(user_id=user.pk, phone=account.phone, actor=SETUP, at=at)
    return create_staff(
        email=account.email, name=account.name, role=account.role, password=account.password, actor=SETUP, at=at
    )


def demo_users() -> dict[str, User]:
    """Return the demo accounts that exist, by role code."""
    emails = {account.email: account.role for account in DEMO_ACCOUNTS}
    return {emails[user.email]: user for user in User.objects.filter(email__in=emails)}
