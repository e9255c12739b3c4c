"""Viewset for CMS rows that are neither pages nor people, with refusals in place of database errors."""

from collections.abc import Callable

from django.apps import apps
from django.db import IntegrityError
from django.db.models import ProtectedError, UniqueConstraint
from django.forms import ModelForm
from django.http import HttpResponse
from django.utils.translation import gettext
from wagtail.admin import messages
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from common.constraints import violated

Save = Callable[[ModelForm], HttpResponse]


class RowCreateView(generic.CreateView):
    """Add a row."""

    def form_valid(self, form: ModelForm) -> HttpResponse:
        return _save_unless_taken(self, form, super().form_valid)


class RowEditView(generic.EditView):
    """Change a row."""

    def form_valid(self, form: ModelForm) -> HttpResponse:
        return _save_unless_taken(self, form, super().form_valid)


def _save_unless_taken(view: RowCreateView | RowEditView, form: ModelForm, save: Save) -> HttpResponse:
    """Report a name taken between the check and the write on its field, just as the check would have."""
    try:
        return save(form)
    except IntegrityError as error:
        constraint = _unique_constraint(violated(error))
        if constraint is None:
            raise
        field = constraint.fields[0] if len(constraint.fields) == 1 else None
        form.add_error(field if field in form.fields else None, str(constraint.get_violation_error_message()))
        # What Wagtail's own check of a form sets when the form is not valid.
        view.produced_error_code, view.produced_error_message = "validation_error", view.get_error_message()
        return view.form_invalid(form)


def _unique_constraint(name: str) -> UniqueConstraint | None:
    constraints = (one for model in apps.get_models() for one in model._meta.constraints)
    return next((one for one in constraints if isinstance(one, UniqueConstraint) and one.name == name), None)


class KeptDeleteView(generic.DeleteView):
    """Keep a row that others refer to, with a sentence instead of an error."""

    def form_valid(self, form: ModelForm) -> HttpResponse:
        try:
            return super().form_valid(form)
        except ProtectedError:
            message = gettext("%(name)s is in use and cannot be deleted. Switch it off instead.")
            messages.error(self.request, message % {"name": self.object})
            return self.render_to_response(self.get_context_data(form=self.get_form()))


class RowViewSet(ModelViewSet):
    """List, add, change and delete plain rows."""

    add_to_reference_index = False
    add_view_class = RowCreateView
    edit_view_class = RowEditView
    delete_view_class = KeptDeleteView
    copy_view_enabled = False
