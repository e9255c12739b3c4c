"""Give a person a role: owners, managers, employees, couriers, editors."""

import sys

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from accounts.models import User
from accounts.roles import ROLES
from accounts.selectors import find_by_email
from accounts.services.staff import StaffDetails
from common import clock
from common.actors import SETUP
from common.errors import DomainError
from common.urls import absolute
from stock.models import Shop
from stock.services.people import add_person
from storefront.terminal import ask_password


class Command(BaseCommand):
    """Create a staff account. A person who is also a customer has a second account, with a different email address."""

    help = "Create a staff account and invite its owner to choose a password."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--role", required=True, help=", ".join(ROLES))
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument(
            "--shop", action="append", default=[], help="code of a shop the person works in; repeatable"
        )
        parser.add_argument("--ask-password", action="store_true", help="type a password now")
        parser.add_argument("--dry-run", action="store_true", help="check the arguments, create nothing")

    def handle(self, *, role, email, name, shop, ask_password, dry_run, **options) -> None:
        if role not in ROLES:
            raise CommandError(f"There is no role {role!r}. Roles: {', '.join(ROLES)}.")
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email!r} is not an email address.") from error
        if find_by_email(email) is not None:
            raise CommandError(f"{email} already has an account, and an account has one role; use a different address.")
        shops = self._find_shops(shop)
        password = self._ask(User(email=email, name=name)) if ask_password else None
        if dry_run:
            self.stdout.write(f"Would create {email} as {role}.")
            return
        at = clock.now()
        try:
            add_person(
                details=StaffDetails(email=email, name=name, role=role),
                password=password,
                shop_ids=[found.pk for found in shops],
                actor=SETUP,
                at=at,
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"Created {email} as {role}.")
        if not ask_password:
            address = absolute("account_reset_password")
            self.stdout.write(f"The worker will email an invitation to choose a password. New links: {address}")

    def _find_shops(self, codes: list[str]) -> list[Shop]:
        found = {row.code: row for row in Shop.objects.filter(code__in=codes)}
        unknown = sorted(set(codes) - set(found))
        if unknown:
            known = ", ".join(Shop.objects.order_by("code").values_list("code", flat=True)) or "none yet"
            raise CommandError(f"There is no shop {unknown[0]!r}. Shops: {known}.")
        return [found[code] for code in dict.fromkeys(codes)]

    def _ask(self, user: User) -> str:
        if not sys.stdin.isatty():
            raise CommandError("--ask-password needs a terminal.")
        try:
            return ask_password(user, self.stdout.write)
        except EOFError as error:
            raise CommandError("No password was typed: no account was created.") from error
