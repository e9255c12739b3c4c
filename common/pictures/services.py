"""Preparing pictures that were stored before every upload was prepared."""

from django.db import transaction

from common.models import Picture
from common.pictures.preparing import prepare


def prepare_stored(*, picture_id: int, dry_run: bool = False) -> bool:
    """Replace a picture's original by its prepared file; return whether it differs. Its cuts are made again.

    Raises PictureRefused for a file that no page can show, OSError for a missing one; nothing changes then.
    """
    picture = Picture.objects.get(pk=picture_id)
    with picture.file.open("rb") as file:
        body = file.read()
    prepared = prepare(body, picture.filename)
    if prepared.body == body or dry_run:
        return prepared.body != body
    storage, old_name = picture.file.storage, picture.file.name
    picture.file.save(prepared.name, prepared.file(), save=False)
    picture._set_image_file_metadata()
    picture.file.close()
    with transaction.atomic():
        picture.save()
        picture.renditions.all().delete()
        transaction.on_commit(lambda: storage.delete(old_name))
    return True
