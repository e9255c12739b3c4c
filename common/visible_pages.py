"""Pages anybody may see: live is not enough, since a page may be behind a password or a sign-in."""

from typing import Any, TypeVar

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, QuerySet
from wagtail.models import PageViewRestriction
from wagtail.query import PageQuerySet

Pages = TypeVar("Pages", bound="QuerySet[Any]")


def open_to_all(pages: Pages) -> Pages:
    """Leave out pages behind a view restriction of their own or of an ancestor; Wagtail's public() asks once more."""
    restrictions = (
        PageViewRestriction.objects.annotate(path=ExpressionWrapper(OuterRef("path"), output_field=CharField()))
        .filter(path__startswith=F("page__path"))
        .values("pk")
    )
    return pages.filter(~Exists(restrictions))


class VisiblePageQuerySet(PageQuerySet):
    """Pages as visitors find them."""

    def visible(self) -> "VisiblePageQuerySet":
        """Return the live pages that are open to all."""
        return open_to_all(self.live())
