"""Let a person without phone and recovery codes sign in again: the last owner, or a customer."""

from django.core.management.base import BaseCommand, CommandError

from accounts.second_factor import has_second_factor
from accounts.selectors import find_by_email
from accounts.services.second_factor import turn_off_for
from common import clock
from common.actors import SETUP


class Command(BaseCommand):
    """Turn off the second step of somebody, customers among them. They are told by email."""

    help = "Turn off the second step of a person who has lost their phone, or for whom somebody else turned it on."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, change nothing")

    def handle(self, *, email, dry_run, **options) -> None:
        user = find_by_email(email)
        if user is None or not has_second_factor(user):
            raise CommandError(f"{email} has no account with a second step.")
        if dry_run:
            self.stdout.write(f"Would turn off the second step of {email}.")
            return
        turn_off_for(user_id=user.pk, actor=SETUP, at=clock.now(), has_server=True)
        self.stdout.write(f"{email} signs in with the password alone now. They can set up the second step again.")
