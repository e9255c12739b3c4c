"""Pages that hold the site together: they can be neither unpublished, moved nor deleted."""

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import HelpPanel
from wagtail.models import Page, PagePermissionTester

if TYPE_CHECKING:
    from wagtail.models import Page as _Page
else:
    _Page = object

NEEDED = _("The shop needs this page where it is: it can be neither unpublished, moved nor deleted.")


class StructuralPermissionTester(PagePermissionTester):
    """Refuses for everybody, superusers too. Buttons, bulk actions and the admin's API all ask it."""

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return False

    def can_unpublish(self) -> bool:
        return False

    def can_move_to(self, destination: Page) -> bool:
        """Allow another place among the same siblings."""
        return self.page.is_child_of(destination) and super().can_move_to(destination)


class StructuralPageMixin(_Page):
    """A page that the shop cannot do without. Put it before the page's other bases."""

    structural_panels = (HelpPanel(content=NEEDED),)

    def is_needed(self) -> bool:
        """Return whether the shop needs this very page."""
        return True

    def permissions_for_user(self, user: object) -> PagePermissionTester:
        if self.is_needed():
            return StructuralPermissionTester(user, self)
        return super().permissions_for_user(user)

    def clean(self) -> None:
        """Refuse an end date: it would unpublish the page."""
        super().clean()
        if self.expire_at and self.is_needed():
            raise ValidationError({"expire_at": gettext("The shop needs this page: it cannot expire.")})
