"""The renditions that templates use, loaded or made for many pictures at once."""

from collections.abc import Iterable, Sequence

from common.models import Picture, PictureRendition
from common.page_changes.feed import shows_pictures
from common.pictures import cutting

CARD_SPECS = ("fill-280x280|format-webp", "fill-560x560|format-webp", "fill-560x560|format-jpeg")
LARGE_SPECS = ("fill-1000x1000|format-webp", "fill-1000x1000|format-jpeg")
THUMB_SPECS = ("fill-152x152|format-webp",)
HERO_SPEC = "width-1000|format-webp"
GALLERY_SPECS = (*CARD_SPECS, *LARGE_SPECS, *THUMB_SPECS)


def load_renditions(pictures: Iterable[Picture | None], specs: Sequence[str] = CARD_SPECS) -> None:
    """Give each picture its renditions of these specs that exist: one query for all of them."""
    wanted = [picture for picture in pictures if picture is not None]
    found: dict[int, list[PictureRendition]] = {picture.pk: [] for picture in wanted}
    shows_pictures(found)
    if found:
        for rendition in PictureRendition.objects.filter(image_id__in=found, filter_spec__in=specs):
            found[rendition.image_id].append(rendition)
    for picture in wanted:
        # Wagtail looks here first for renditions that were loaded ahead.
        picture.prefetched_renditions = found[picture.pk]


def make(pictures: Iterable[Picture], specs: Sequence[str] = GALLERY_SPECS) -> int:
    """Make the missing renditions of each picture; return how many pictures were read. Slow: never in a request.

    Raises OSError at the end when one of them cannot be cut; the others are made.
    """
    done, failed = 0, None
    for picture in pictures:
        try:
            picture.get_renditions(*specs)
        except OSError as error:
            failed = error
        done += 1
    if failed is not None:
        raise failed
    return done


def cut(picture: Picture | None, specs: Sequence[str] = CARD_SPECS) -> dict[str, PictureRendition]:
    """Return {spec: rendition} of one picture, {} without one; no query when the renditions were prefetched."""
    return cutting.cut(picture, specs)
