"""Turn a new database into a shop: groups, root pages, tax classes, owners."""

from django.core.management.base import BaseCommand, CommandError

from common import clock
from common.actors import SETUP
from storefront.services.setup import BadOwner, has_owner, no_owner_hint, owners_of_environment, set_up


class Command(BaseCommand):
    """Safe to repeat: run it after every upgrade."""

    help = "Set up groups, root pages in every language, tax classes and the owners of STORE_OWNERS."

    def handle(self, **options) -> None:
        try:
            made = set_up(owners=owners_of_environment(), actor=SETUP, at=clock.now())
        except BadOwner as error:
            raise CommandError(error.message) from error
        for user in made:
            self.stdout.write(f"Created the owner {user.email}.")
        if not has_owner():
            self.stderr.write(no_owner_hint())
