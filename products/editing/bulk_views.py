"""Bulk actions on pages: at most 50 at once, one page a transaction, and a sentence for each page that was refused."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.views.pages.bulk_actions.delete import DeleteBulkAction
from wagtail.admin.views.pages.bulk_actions.move import MoveBulkAction
from wagtail.admin.views.pages.bulk_actions.publish import PublishBulkAction
from wagtail.admin.views.pages.bulk_actions.unpublish import UnpublishBulkAction
from wagtail.models import Page

from accounts.actors import actor_of
from common import clock
from common.actors import Actor
from common.errors import DomainError
from common.structural_pages import NEEDED, StructuralPageMixin
from products.services.pages import delete_page, move_page, publish_page, unpublish_page

if TYPE_CHECKING:
    from wagtail.admin.views.pages.bulk_actions.page_bulk_action import PageBulkAction as _Action
else:
    _Action = object

MOST_PAGES = 50
MOST_NAMED = 5
REFUSALS = (DomainError, ValidationError, PermissionDenied, OperationalError)


class OnePageATime(_Action):
    """Replaces Wagtail's one transaction around all pages: buyers could not order until it ended."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse too many pages before they are even listed."""
        ids = request.GET.getlist("id")
        try:
            listed = self.get_all_objects_in_listing_query(request.GET.get("childOf")) if "all" in ids else ids
        except Page.DoesNotExist:
            messages.error(request, gettext("That page is gone. Nothing was changed."))
            return redirect(self.next_url)
        if len(listed) > MOST_PAGES:
            return self._refuse_number()
        if self.action_type != "publish":
            self._name_needed(ids)
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Run the hooks around all pages, the action on one page after the other."""
        self.cleaned_form = form
        chosen, without_access = self.get_actionable_objects()
        self.actionable_objects = self.annotate_items(chosen)
        answer = self.prepare_action(chosen, without_access)
        if hasattr(answer, "status_code"):
            return answer
        # No more than is needed to see that there are too many: rights are asked for each.
        pages = list(islice(self.expand(chosen), MOST_PAGES + 1))
        below = {page.pk: self.count_below(page) for page in pages}
        if len(pages) + sum(below.values()) > MOST_PAGES:
            return self._refuse_number()
        if (answer := self._run_hooks("before_bulk_action", chosen)) is not None:
            return answer
        done = self._act_on_each(pages)
        if (answer := self._run_hooks("after_bulk_action", done)) is not None:
            return answer
        parents = len(set(done) & set(chosen))
        children = len(done) - parents + sum(below[page.pk] for page in done)
        if done and (said := self.get_success_message(parents, children)) is not None:
            messages.success(self.request, said)
        return redirect(self.next_url)

    def expand(self, chosen: list[Page]) -> Iterator[Page]:
        """Yield the pages to act on, those below a chosen one after it."""
        yield from chosen

    def count_below(self, page: Page) -> int:
        """Return how many more pages the action on this one changes."""
        return 0

    def act(self, page: Page, actor: Actor) -> None:
        """Call the one service that does it."""
        raise NotImplementedError

    def _act_on_each(self, pages: list[Page]) -> list[Page]:
        actor = actor_of(self.request.user)
        done, refused = [], []
        for page in pages:
            try:
                self.act(page, actor)
            except REFUSALS as refusal:
                refused.append(f"{page.get_admin_display_title()}: {_sentence(refusal)}")
            else:
                done.append(page)
        if refused:
            shown = [*refused[:MOST_NAMED], *(["…"] if len(refused) > MOST_NAMED else [])]
            first = ngettext(
                "%(count)d page was left as it was.", "%(count)d pages were left as they were.", len(refused)
            )
            messages.error(self.request, format_html("{} {}", first % {"count": len(refused)}, " ".join(shown)))
        return done

    def _run_hooks(self, name: str, pages: list[Page]) -> HttpResponse | None:
        for hook in hooks.get_hooks(name):
            answer = hook(self.request, self.action_type, pages, self)
            if hasattr(answer, "status_code"):
                return answer
        return None

    def _name_needed(self, ids: list[str]) -> None:
        numbers = [pk for pk in ids if pk.isascii() and pk.isdigit()]
        for page in Page.objects.filter(pk__in=numbers).order_by("path").specific(defer=True):
            if isinstance(page, StructuralPageMixin) and page.is_needed():
                messages.warning(self.request, f"{page.get_admin_display_title()}: {NEEDED}")

    def _refuse_number(self) -> HttpResponse:
        text = gettext("At most %(most)d pages are changed at once, those below them included: choose fewer.")
        messages.error(self.request, text % {"most": MOST_PAGES})
        return redirect(self.next_url)

    def _below(self, chosen: list[Page], *, live: bool) -> Iterator[Page]:
        wanted = self.cleaned_form.cleaned_data["include_descendants"]
        seen = {page.pk for page in chosen}
        for page in chosen:
            yield page
            for below in page.get_descendants().filter(live=live).order_by("path") if wanted else ():
                if below.pk not in seen and self.check_perm(below):
                    seen.add(below.pk)
                    yield below


class PublishPages(OnePageATime, PublishBulkAction):
    """Publish drafts, with those below them when asked."""

    def expand(self, chosen: list[Page]) -> Iterator[Page]:
        return self._below(chosen, live=False)

    def act(self, page: Page, actor: Actor) -> None:
        publish_page(page_id=page.pk, actor=actor)


class UnpublishPages(OnePageATime, UnpublishBulkAction):
    """Take pages off the site, with those below them when asked."""

    def expand(self, chosen: list[Page]) -> Iterator[Page]:
        return self._below(chosen, live=True)

    def act(self, page: Page, actor: Actor) -> None:
        unpublish_page(page_id=page.pk, actor=actor)


class DeletePages(OnePageATime, DeleteBulkAction):
    """Delete pages; what is below one goes with it."""

    def expand(self, chosen: list[Page]) -> Iterator[Page]:
        return (page for page in chosen if not any(page.is_descendant_of(other) for other in chosen))

    def count_below(self, page: Page) -> int:
        return page.get_descendant_count()

    def act(self, page: Page, actor: Actor) -> None:
        delete_page(page_id=page.pk, actor=actor, at=clock.now())


class MovePages(OnePageATime, MoveBulkAction):
    """Move pages below another one."""

    def act(self, page: Page, actor: Actor) -> None:
        move_page(page_id=page.pk, parent_id=self.cleaned_form.cleaned_data["chooser"].pk, actor=actor)


def _sentence(refusal: Exception) -> str:
    if isinstance(refusal, DomainError):
        return refusal.message
    if isinstance(refusal, ValidationError):
        return " ".join(refusal.messages)
    if isinstance(refusal, OperationalError):
        return gettext("The shop is busy. Try again in a minute.")
    return gettext("You may not do this with this page.")
