"""Shops in the CMS: hours, special days and who works there."""

import zoneinfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, InlinePanel, ObjectList, TabbedInterface
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from common import clock
from common.outbox.services import enqueue
from stock.models import Shop


class KeptDeleteView(generic.DeleteView):
    """A delete view for rows that others may name: then the row stays, with a sentence instead of an error."""

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except ProtectedError:
            message = gettext("%(name)s is in use and cannot be deleted. Switch it off instead.")
            messages.error(self.request, message % {"name": self.object})
            return self.render_to_response(self.get_context_data(form=self.get_form()))


class ShopForm(WagtailAdminModelForm):
    """Opening hours may cross midnight; a special day has both times or neither."""

    timezone = forms.ChoiceField(
        label=_("time zone"), choices=lambda: [(name, name) for name in sorted(zoneinfo.available_timezones())]
    )

    def is_valid(self):
        valid = super().is_valid()
        for form in self.formsets["days"].forms if self.is_bound and "days" in self.formsets else ():
            day = getattr(form, "cleaned_data", None) or {}
            if not day.get("DELETE") and bool(day.get("opens")) != bool(day.get("closes")):
                form.add_error("closes", ValidationError(gettext("Give both times, or neither for a closed day.")))
                valid = False
        return valid


class _TellsProducts:
    """Opening a shop to customers, or closing it, changes what every product can say about itself."""

    def save_instance(self):
        before = Shop.objects.filter(pk=self.form.instance.pk).values_list("is_active", flat=True).first()
        shop = super().save_instance()
        if shop.is_active != before:
            at = clock.now()
            enqueue(
                event="stock.shop_changed",
                key=f"shop_changed:{shop.pk}:{at.isoformat()}",
                payload={"shop_id": shop.pk},
                at=at,
            )
        return shop


class ShopCreateView(_TellsProducts, generic.CreateView):
    """Make a shop."""


class ShopEditView(_TellsProducts, generic.EditView):
    """Change a shop."""


class ShopViewSet(ModelViewSet):
    """Points of sale. Never deleted once an order names one: switched off."""

    model = Shop
    name = "shops"
    icon = "home"
    menu_label = _("Shops")
    add_to_reference_index = False
    add_view_class = ShopCreateView
    edit_view_class = ShopEditView
    delete_view_class = KeptDeleteView
    copy_view_enabled = False
    list_display = ["__str__", "code", "letter", "is_active"]
    ordering = ["sort_order", "id"]
    base_form_class = ShopForm

    def get_edit_handler(self):
        tabs = [
            ObjectList(
                [
                    *(FieldPanel(name) for name in ("name", "code", "letter", "address", "phone", "map_url")),
                    *(FieldPanel(name) for name in ("timezone", "is_active", "sort_order")),
                ],
                heading=_("Shop"),
            ),
            ObjectList(
                [
                    InlinePanel("hours", heading=_("Weekly hours"), label=_("Opening")),
                    InlinePanel("days", heading=_("Special days"), label=_("Day")),
                ],
                heading=_("Hours"),
            ),
            ObjectList(
                [
                    FieldPanel(name)
                    for name in ("lead_minutes", "hold_minutes", "hold_days", "due_soon_minutes", "paused_until")
                ],
                heading=_("Orders"),
            ),
            ObjectList([InlinePanel("staff", heading=_("Who works here"), label=_("Person"))], heading=_("People")),
        ]
        return TabbedInterface(tabs, base_form_class=self.base_form_class).bind_to_model(self.model)
