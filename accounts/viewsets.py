"""The Users area of the CMS: staff only, for owners only. Its changes go through the services of staff."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.account import AccountView, BaseSettingsPanel, NameEmailSettingsPanel
from wagtail.admin.widgets.button import HeaderButton
from wagtail.users.views import users as wagtail_users

from accounts.actors import actor_of
from accounts.admin_forms import OwnNameForm, StaffCreateForm, StaffEditForm
from accounts.models import CourierApplication, User
from accounts.roles import ROLES
from accounts.second_factor import has_second_factor
from accounts.selectors import staff_users
from accounts.services.second_factor import turn_off_for
from accounts.services.staff import StaffDetails, create_staff, send_link, update_staff
from common import clock
from common.errors import DomainError

KEPT = ("index", "index_results", "add", "edit")


def _role_label(user: User) -> str:
    codes = {group.name for group in user.groups.all()}
    return next((str(label) for code, label in ROLES.items() if code in codes), "")


class _RefusalOnForm:
    """A service's refusal becomes an error of the form."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except DomainError as error:
            form.add_error(None, error.message)
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)


def _standing(user: User) -> str:
    if not user.is_active:
        return gettext("Inactive")
    return gettext("Active") if user.has_usable_password() else gettext("Invited")


def details_of(form: forms.Form) -> StaffDetails:
    """Return the details in a valid staff form."""
    data = form.cleaned_data
    return StaffDetails(
        email=data["email"],
        name=data["name"],
        phone=data["phone"],
        role=data["role"],
        is_active=data.get("is_active", True),
    )


class StaffIndexView(wagtail_users.IndexView):
    """Lists staff. No bulk actions: they would take any user's id."""

    add_item_label = _("Add a staff member")
    page_title = _("Staff")
    template_name = "wagtailadmin/generic/index.html"
    results_template_name = "wagtailadmin/generic/index_results.html"
    search_fields = ("name", "email")

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """Lead to the people who would like to work here: their data is not in the CMS."""
        waiting = CourierApplication.objects.filter(state="waiting", user__is_active=True).count()
        label = gettext("Courier applications (%(count)s)") % {"count": waiting}
        return [*super().header_buttons, HeaderButton(label, url=reverse("staff:applications"), icon_name="mail")]

    @cached_property
    def columns(self) -> list[Column]:
        return [
            self._get_title_column_class(wagtail_users.UserColumn)(
                "name", accessor=lambda user: user.name or user.email, label=_("Name"), sort_key="name",
                get_url=self.get_edit_url, classname="name",
            ),
            Column("email", label=_("Email"), sort_key="email"),
            Column("role", accessor=_role_label, label=_("Role")),
            Column("standing", accessor=_standing, label=_("Status"), sort_key="is_active"),
            DateColumn("last_login", label=_("Last sign-in"), sort_key="last_login"),
        ]  # fmt: skip

    def get_base_queryset(self) -> QuerySet[User]:
        return staff_users().prefetch_related("groups").select_related("wagtail_userprofile")

    def order_queryset(self, queryset: QuerySet[User]) -> QuerySet[User]:
        orders = {"name": ("name", "pk"), "-name": ("-name", "-pk")}
        return (
            queryset.order_by(*orders[self.ordering]) if self.ordering in orders else super().order_queryset(queryset)
        )


class StaffCreateView(_RefusalOnForm, wagtail_users.CreateView):
    """Adds a member of staff: with a password, or invited by email."""

    template_name = "wagtailadmin/generic/create.html"
    page_title = _("Add a staff member")

    def save_instance(self) -> User:
        details = details_of(self.form)
        return create_staff(
            email=details.email, name=details.name, phone=details.phone, role=details.role,
            password=self.form.cleaned_data["password"] or None, actor=actor_of(self.request.user), at=clock.now(),
        )  # fmt: skip

    def get_success_message(self, instance: User) -> str:
        if instance.has_usable_password():
            return gettext("%(name)s can sign in now.") % {"name": instance.name}
        return _invited(instance)


class StaffEditView(_RefusalOnForm, wagtail_users.EditView):
    """Changes a staff member's details, shuts them out, or sends them a link to choose a password."""

    template_name = "accounts/staff_edit.html"

    def get_queryset(self) -> QuerySet[User]:
        return staff_users()

    def get_page_subtitle(self) -> str:
        return f"{self.object.name} · {self.object.email}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        gets_link = self.object.is_active and not self.editing_self
        return {
            **super().get_context_data(**kwargs),
            "has_second_factor": not self.editing_self and has_second_factor(self.object),
            "invited": gets_link and not self.object.has_usable_password(),
            "has_password": gets_link and self.object.has_usable_password(),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "second_factor_off" in request.POST:
            return self.turn_off_second_factor()
        if "send_link" not in request.POST:
            return super().post(request, *args, **kwargs)
        try:
            user = send_link(user_id=self.object.pk, actor=actor_of(request.user), at=clock.now())
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _link_sent(user))
        return HttpResponseRedirect(self.get_edit_url())

    def turn_off_second_factor(self) -> HttpResponse:
        """Help a person who has lost their phone; one's own is turned off on the site."""
        try:
            user = turn_off_for(user_id=self.object.pk, actor=actor_of(self.request.user), at=clock.now())
        except DomainError as error:
            messages.error(self.request, error.message)
        else:
            sentence = gettext("%(name)s signs in with the password alone now, and is told so by email.")
            messages.success(self.request, sentence % {"name": user.name})
        return HttpResponseRedirect(self.get_edit_url())

    def save_instance(self) -> User:
        self.email_before = self.object.email
        return self.change_person()

    def change_person(self) -> User:
        """Make the one call to a service; an upper layer may have more to save."""
        return update_staff(
            user_id=self.object.pk, details=details_of(self.form), actor=actor_of(self.request.user), at=clock.now()
        )

    def get_success_message(self) -> str:
        user = self.object
        if user.email != self.email_before and user.is_active:
            return _invited(user)
        return gettext("%(name)s has been saved.") % {"name": user.name}


def _invited(user: User) -> str:
    sentence = gettext("We are sending an invitation to %(email)s. %(name)s can sign in after choosing a password.")
    return sentence % {"email": user.email, "name": user.name}


def _link_sent(user: User) -> str:
    if not user.has_usable_password():
        return _invited(user)
    return gettext("We are sending a link to choose a new password to %(email)s.") % {"email": user.email}


class StaffViewSet(wagtail_users.UserViewSet):
    """Listing, adding and editing staff; nobody is deleted, and there is nothing to copy, compare or trace here."""

    icon = "user"
    menu_label = _("Staff")
    index_view_class = StaffIndexView
    add_view_class = StaffCreateView
    edit_view_class = StaffEditView
    copy_view_enabled = False
    template_prefix = ""
    ordering = "name"

    def get_form_class(self, for_update: bool = False) -> type:
        return StaffEditForm if for_update else StaffCreateForm

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        gone = {"delete_url_name": None, "history_url_name": None, "usage_url_name": None}
        return super().get_common_view_kwargs(**{**gone, **kwargs})

    def get_urlpatterns(self) -> list[Any]:
        return [pattern for pattern in super().get_urlpatterns() if pattern.name in KEPT]


class NamePanel(BaseSettingsPanel):
    """One's own name, in place of Wagtail's first and last name."""

    name = "name_email"
    title = _("Name")
    order = 100
    form_class = OwnNameForm


class StaffAccountView(AccountView):
    """Wagtail's account page for our User."""

    def get_panels(self) -> list[BaseSettingsPanel]:
        return [
            NamePanel(panel.request, panel.user, panel.profile) if isinstance(panel, NameEmailSettingsPanel) else panel
            for panel in super().get_panels()
        ]
