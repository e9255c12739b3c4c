"""The Users area of the CMS with the shops people work in."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import viewsets
from accounts.actors import actor_of
from accounts.admin_forms import StaffCreateForm, StaffEditForm
from accounts.models import User
from common import clock
from stock.models import Shop, ShopStaff
from stock.services.people import add_person, change_person


class ShopsField(forms.ModelMultipleChoiceField):
    """The shops a person works in."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=Shop.objects.none(),
            label=_("Works in"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("The shops whose orders they see. Owners see every shop."),
            **kwargs,
        )


class _WithShops(forms.Form):
    shops = ShopsField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shops"].queryset = Shop.objects.in_order()


class PersonCreateForm(_WithShops, StaffCreateForm):
    """A new member of staff and their shops."""

    field_order = ["name", "email", "phone", "role", "shops", "password"]


class PersonEditForm(_WithShops, StaffEditForm):
    """An existing member of staff and their shops."""

    field_order = ["name", "email", "phone", "role", "shops", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        posts = ShopStaff.objects.filter(user=kwargs["instance"]).values_list("shop_id", flat=True)
        kwargs["initial"] = {"shops": list(posts), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)


class PersonCreateView(viewsets.StaffCreateView):
    """Add a member of staff who works in some shops."""

    def save_instance(self) -> User:
        return add_person(
            details=viewsets.details_of(self.form),
            password=self.form.cleaned_data["password"] or None,
            shop_ids=_ids(self.form.cleaned_data["shops"]),
            actor=actor_of(self.request.user),
            at=clock.now(),
        )


class PersonEditView(viewsets.StaffEditView):
    """Change a member of staff and the shops they work in."""

    def change_person(self) -> User:
        return change_person(
            user_id=self.object.pk,
            details=viewsets.details_of(self.form),
            shop_ids=_ids(self.form.cleaned_data["shops"]),
            actor=actor_of(self.request.user),
            at=clock.now(),
        )


class PersonViewSet(viewsets.StaffViewSet):
    """Staff and the shops they work in."""

    add_view_class = PersonCreateView
    edit_view_class = PersonEditView

    def get_form_class(self, for_update: bool = False) -> type:
        return PersonEditForm if for_update else PersonCreateForm


def _ids(shops: QuerySet[Shop]) -> list[int]:
    return [shop.pk for shop in shops]
