"""The model field of a picture's file: however it arrives, it is prepared before it is stored."""

from typing import Any

from django.core.files.base import File
from wagtail.images.models import WagtailImageField, WagtailImageFieldFile

from common.pictures.preparing import prepare


class PictureFieldFile(WagtailImageFieldFile):
    """The one way into the storage of originals: forms, many at once, choosers, commands."""

    def save(self, name: str, content: File, save: bool = True) -> None:
        """Store the prepared file. Raises PictureRefused for what no page could show."""
        if not getattr(content, "is_prepared", False):
            content.seek(0)
            content = prepare(content.read(), name).file()
        super().save(content.name or name, content, save)


class PictureFileField(WagtailImageField):
    """Wagtail's field, with our file field."""

    attr_class = PictureFieldFile

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Return Wagtail's field for migrations: the column is the same."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "wagtail.images.models.WagtailImageField", args, kwargs
