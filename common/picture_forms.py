"""The picture form of the CMS: a file that no page could show is refused with a sentence before it is stored."""

from typing import Any

from django.core.exceptions import ValidationError
from django.forms import FileField
from wagtail.images.fields import ImageFileExtensionValidator, WagtailImageField
from wagtail.images.forms import BaseImageForm

from common.pictures.preparing import PictureRefused, prepare


class ReadableImageField(WagtailImageField):
    """Read the file to its end and return the one to store; Wagtail's field looks only at its head."""

    def to_python(self, data: Any) -> Any:
        """Return the prepared file. Raises ValidationError for a file that is not a picture, or half of one."""
        file = FileField.to_python(self, data)
        if file is None:
            return None
        self.check_image_file_size(file)
        ImageFileExtensionValidator(file)
        file.seek(0)
        try:
            prepared = prepare(file.read(), file.name or "").file()
        except PictureRefused as refusal:
            raise ValidationError(refusal.message, code=refusal.code) from refusal
        return super().to_python(prepared)


class PictureForm(BaseImageForm):
    """The base of all forms that take a picture."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "file" in self.fields:
            # Declared on the class it would stand in the uploader's second form too, which has no file.
            self.fields["file"].__class__ = ReadableImageField
