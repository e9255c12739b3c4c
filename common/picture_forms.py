"""The form of a picture in the CMS: a file that cannot be read to its end is refused with a sentence."""

from typing import Any

from django.core.exceptions import ValidationError
from PIL import Image
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

READ_BY_PILLOW = ("gif", "jpeg", "png", "webp")


class ReadableImageField(WagtailImageField):
    """Wagtail's field looks at the head of a file; a broken rest is an error there, or later on a page."""

    def to_python(self, data: Any) -> Any:
        """Return the file. Raises ValidationError for one that is no picture, or half of one."""
        try:
            file = super().to_python(data)
            # Of other kinds Pillow may know nothing, and Willow reads them by other means.
            if file is not None and file.image.format_name in READ_BY_PILLOW:
                with Image.open(file) as picture:
                    picture.load()
                file.seek(0)
        except (OSError, ValueError, SyntaxError) as error:  # what Pillow raises for broken files
            raise ValidationError(self.error_messages["invalid_image"], code="invalid_image") from error
        return file


class PictureForm(BaseImageForm):
    """The base of all forms that take a picture."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "file" in self.fields:
            # Declared on the class it would stand in the uploader's second form too, which has no file.
            self.fields["file"].__class__ = ReadableImageField
