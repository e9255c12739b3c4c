"""Strip place and camera from stored pictures, convert unusual formats, and list pictures no page can show."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common.models import Picture
from common.pictures.preparing import PictureRefused
from common.pictures.services import prepare_stored
from products.pictures import make


class Command(BaseCommand):
    """For pictures from before uploads were prepared automatically. Safe to repeat."""

    help = "Strip place, camera and other metadata from stored pictures, and convert those that pages cannot show."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="list the changes, make none")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        changed, refused = 0, 0
        for picture in Picture.objects.order_by("pk").iterator():
            try:
                if prepare_stored(picture_id=picture.pk, dry_run=dry_run):
                    changed += 1
                    if not dry_run:
                        make(Picture.objects.filter(pk=picture.pk))
            except (PictureRefused, OSError) as error:
                refused += 1
                self.stdout.write(f"Picture {picture.pk}, {picture.title}: cannot be shown. {error}")
        done = "would be prepared again" if dry_run else "prepared again"
        self.stdout.write(f"{Picture.objects.count()} pictures: {changed} {done}, {refused} cannot be shown.")
