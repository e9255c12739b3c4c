"""Turn a new database into a shop: groups, root pages, tax classes, owners."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.selectors import has_owner
from common import clock
from common.actors import SETUP
from storefront import terminal
from storefront.services.setup import BadOwner, Owner, no_owner_hint, owners_of_environment, read_owners, set_up


class Command(BaseCommand):
    """Safe to repeat: run it after every upgrade."""

    help = "Set up groups, root pages in every language, tax classes and the owners of STORE_OWNERS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--ask-owner", action="store_true", help="ask for the email, name and password of an owner")
        parser.add_argument(
            "--owners-file",
            type=Path,
            metavar="FILE",
            help="create its owners: Name <email>:password, one a line",
        )

    def handle(self, *, ask_owner: bool, owners_file: Path | None, **options: object) -> None:
        try:
            owners = owners_of_environment() + (read_owners(owners_file) if owners_file else [])
            owners += [self._ask()] if ask_owner else []
            made = set_up(owners=owners, actor=SETUP, at=clock.now())
        except BadOwner as error:
            raise CommandError(error.message) from error
        for user in made:
            self.stdout.write(f"Created the owner {user.email}.")
        if not has_owner():
            self.stderr.write(no_owner_hint())

    def _ask(self) -> Owner:
        if not sys.stdin.isatty():
            raise CommandError("--ask-owner needs a terminal.")
        try:
            return terminal.ask_owner(self.stdout.write)
        except EOFError as error:
            raise CommandError("The questions were not answered: no owner was created.") from error
