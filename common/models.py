"""Shared models: pictures, documents, translated short names, the outbox, counters of limits."""

from typing import ClassVar

from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument, Document
from wagtail.images.models import AbstractImage, AbstractRendition, Filter, Image, SourceImageIOError, get_upload_to

from common.outbox.models import OutboxMessage
from common.page_changes.models import PageChange
from common.pictures.fields import PictureFileField
from common.pictures.preparing import PICTURE_ERRORS
from common.translated_forms import TranslatedTextField

__all__ = [
    "OutboxMessage",
    "PageChange",
    "Paper",
    "Picture",
    "PictureRendition",
    "ThrottleCount",
    "Translated",
    "columns_of",
    "translate",
]


def translate(texts: dict[str, str] | None, language: str | None = None) -> str:
    """Return the text for `language`, else for its base language, else English, else any, else ''."""
    if not texts:
        return ""
    language = language or get_language() or "en"
    for code in (language, language.split("-")[0], "en"):
        if texts.get(code):
            return texts[code]
    return next((text for text in texts.values() if text), "")


def columns_of(row: models.Model) -> tuple[object, ...]:
    """Return the values of all columns of a row, as a version of it."""
    return tuple(getattr(row, field.attname) for field in row._meta.concrete_fields)


class Translated(models.JSONField):
    """Short names of plain rows: JSON {language: text}. `instance.<field>_text` gives the reader's text."""

    def contribute_to_class(self, cls, name, private_only=False):
        super().contribute_to_class(cls, name, private_only)
        if not cls._meta.abstract:
            setattr(cls, f"{name}_text", property(lambda self: translate(getattr(self, name))))

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": TranslatedTextField, **kwargs})


class Picture(AbstractImage):
    """An image with who made it and under which licence it may be shown."""

    file = PictureFileField(_("file"), upload_to=get_upload_to, width_field="width", height_field="height")
    credit = models.CharField(_("credit"), max_length=255, blank=True)
    licence = models.CharField(_("licence"), max_length=255, blank=True)

    admin_form_fields = (*Image.admin_form_fields, "credit", "licence")

    @property
    def is_photo(self) -> bool:
        """Tell whether it certainly has no transparent ground: a JPEG cannot be a cut-out."""
        return self.filename.lower().endswith((".jpg", ".jpeg"))

    def generate_rendition_file(self, filter: Filter, *, source: File | None = None) -> File:
        """Cut the picture. Raises SourceImageIOError, which Wagtail's own pages expect, for any failure."""
        try:
            return super().generate_rendition_file(filter, source=source)
        except PICTURE_ERRORS as error:
            raise SourceImageIOError(f"picture {self.pk} cannot be cut: {type(error).__name__}") from error


class PictureRendition(AbstractRendition):
    """A picture cut to size, made ahead of the first visit."""

    image = models.ForeignKey(Picture, related_name="renditions", on_delete=models.CASCADE)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("image", "filter_spec", "focal_point_key"), name="unique_rendition"),
        ]


def private_storage() -> Storage:
    """Return the storage of files that only a view serves, never the web server."""
    return storages["private"]


class Paper(AbstractDocument):
    """A document for visitors; in a restricted collection, only for those who may enter it."""

    file = models.FileField(_("file"), upload_to="documents", storage=private_storage)

    admin_form_fields = Document.admin_form_fields


class ThrottleCount(models.Model):
    """The used part of a limit in the window that ends at `ends_at`; written by common.throttle only."""

    key = models.CharField(max_length=64, primary_key=True)
    used = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.used}"
