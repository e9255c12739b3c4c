"""Preparing an uploaded picture for every page: read to its end, stripped of metadata, cut once as a trial.

An odd one (16 bits a colour, CMYK, a broken profile, HEIC) is stored as a plain JPEG or PNG. A file that cannot be read
or cut is refused here, so that no page meets it.
"""

import logging
import struct
import zlib
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from typing import Any

from django.core.files.base import ContentFile
from django.utils.translation import gettext
from PIL import Image, ImageCms, ImageOps
from pillow_heif import HeifImagePlugin  # noqa: F401 - lets Pillow open HEIC
from wagtail.images.exceptions import InvalidFilterSpecError, UnknownOutputImageFormatError
from wagtail.images.models import Filter
from willow.image import BadImageOperationError, UnrecognisedImageFormatError

from common.errors import DomainError
from common.pictures.metadata import ORIENTATION, strip

logger = logging.getLogger(__name__)
MEGAPIXELS = 40
MAX_PIXELS = MEGAPIXELS * 1_000_000
# What templates and the admin ask for, in every format: a picture that gives these gives the others too.
TRIALS = ("fill-280x280|format-webp", "fill-1000x1000|format-jpeg", "max-165x165", "width-800|format-png")
PLAIN_MODES = frozenset(("1", "L", "LA", "P", "RGB", "RGBA"))
# The only formats opened: others that Pillow knows run programs, or hide behind these extensions.
FORMATS = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "GIF": ".gif", "WEBP": ".webp", "HEIF": ".jpg", "AVIF": ".jpg"}
# An MPO is a JPEG until it is open.
OPENED = tuple(form for form in FORMATS if form != "MPO")
STRIPPED = frozenset(("JPEG", "MPO", "PNG", "GIF", "WEBP"))
# What Pillow, its codecs and Willow raise for files that are broken or odd.
PICTURE_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    TypeError,
    LookupError,
    ArithmeticError,
    EOFError,
    AttributeError,
    MemoryError,
    RuntimeError,
    AssertionError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    ImageCms.PyCMSError,
    BadImageOperationError,
    UnrecognisedImageFormatError,
    UnknownOutputImageFormatError,
    InvalidFilterSpecError,
)


class PictureRefused(DomainError):
    """The file is not a picture that pages could show; the message says why."""

    code = "picture_refused"


@dataclass(frozen=True)
class Prepared:
    """A picture's file as it is stored: the bytes, and the name with the right extension."""

    body: bytes
    name: str

    def file(self) -> "PreparedFile":
        return PreparedFile(self.body, name=self.name)


class PreparedFile(ContentFile):
    """A file that needs no further preparation when it is stored."""

    is_prepared = True


def prepare(body: bytes, name: str) -> Prepared:
    """Return the file to store for an uploaded one. Raises PictureRefused, with a sentence."""
    try:
        with Image.open(BytesIO(body), formats=OPENED) as picture:
            check_size(picture.size)
            picture.load()
            prepared = _prepared(picture, body, name)
        try_cuts(prepared)
    except Image.DecompressionBombError as error:
        raise too_large() from error
    except PICTURE_ERRORS as error:
        logger.info("Could not read %r as a picture: %s", name[-80:], type(error).__name__, exc_info=True)
        raise PictureRefused(gettext("This file cannot be read as a picture. Save it anew, then try again.")) from error
    return prepared


def check_size(size: tuple[int, int]) -> None:
    """Raise PictureRefused for more pixels than a request may decode. Asked before decoding."""
    width, height = size
    if width * height > MAX_PIXELS:
        raise too_large()


def too_large() -> PictureRefused:
    """Return the refusal of a picture with too many pixels."""
    message = gettext("This picture has more than %(most)d megapixels. Save it smaller, then try again.")
    return PictureRefused(message % {"most": MEGAPIXELS})


def try_cuts(prepared: Prepared) -> None:
    """Cut the picture as pages will. Raises one of PICTURE_ERRORS when one of the cuts cannot be made."""
    for spec in TRIALS:
        Filter(spec).run(_Whole(), BytesIO(), source=prepared.file())


class _Whole:
    """Stand in for a picture without a focal point."""

    def get_focal_point(self) -> None:
        return None

    def is_svg(self) -> bool:
        return False


def _prepared(picture: Image.Image, body: bytes, name: str) -> Prepared:
    if picture.format in STRIPPED and picture.mode in PLAIN_MODES and _profile_fits(picture):
        return Prepared(strip(body, picture.format, _orientation(picture)), _named(name, FORMATS[picture.format]))
    plain = _plain(picture)
    form = "PNG" if plain.mode == "RGBA" or picture.format == "PNG" else "JPEG"
    output = BytesIO()
    plain.save(output, form, **({"quality": 92} if form == "JPEG" else {}))
    return Prepared(output.getvalue(), _named(name, FORMATS[form]))


def _named(name: str, ending: str) -> str:
    """Return the name with the extension of the file's format."""
    is_right = name.lower().endswith((ending, ".jpeg")) if ending == ".jpg" else name.lower().endswith(ending)
    return name if is_right else str(PurePath(name).with_suffix(ending))


def _orientation(picture: Image.Image) -> int:
    try:
        return picture.getexif().get(ORIENTATION, 1)
    except PICTURE_ERRORS:
        return 1


def _profile_fits(picture: Image.Image) -> bool:
    """Return whether the colour profile, if there is one, can be used."""
    if not picture.info.get("icc_profile"):
        return True
    try:
        _to_srgb(picture.resize((1, 1)), picture.info["icc_profile"])
    except PICTURE_ERRORS:
        return False
    return True


def _plain(picture: Image.Image) -> Image.Image:
    """Return the picture upright, eight bits a colour, in sRGB, with its transparency and nothing else."""
    upright = ImageOps.exif_transpose(picture)
    if upright.mode.startswith("I"):
        upright = _from_sixteen_bits(upright)
    elif upright.mode == "F":
        upright = upright.convert("L")
    profile = picture.info.get("icc_profile")
    if profile and upright.mode in ("CMYK", "RGB", "RGBA", "L", "LAB"):
        # A broken profile says nothing: the colours are taken as they stand.
        with suppress(*PICTURE_ERRORS):
            upright = _to_srgb(upright, profile)
    has_alpha = upright.mode in ("LA", "PA", "RGBA", "RGBa", "La") or "transparency" in upright.info
    plain = upright.convert("RGBA" if has_alpha else "RGB")
    plain.info = {}
    return plain


def _from_sixteen_bits(picture: Image.Image) -> Image.Image:
    return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")


def _to_srgb(picture: Image.Image, profile: bytes) -> Any:
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    if picture.mode in ("1", "P", "LA"):
        picture = picture.convert("RGBA" if mode == "RGBA" else "RGB")
    source, target = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
    return ImageCms.profileToProfile(picture, source, target, outputMode=mode)
