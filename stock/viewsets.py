"""Shops in the CMS: hours, special days and who works there."""

import datetime as dt
import itertools
import string

from anyascii import anyascii
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, InlinePanel, ObjectList, TabbedInterface
from wagtail.admin.ui.tables import BooleanColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic.history import HistoryView
from wagtail.admin.views.generic.usage import UsageView

from common import clock, time_zones
from common.cms import KeptDeleteView, RowCreateView, RowEditView, RowViewSet
from common.models import translate
from common.outbox.services import enqueue
from stock.models import Shop, ShopHours

WEEK = [(weekday, dt.time(9), dt.time(18)) for weekday in range(6)]
"""The hours that a new shop's form proposes: the owner changes a few times instead of typing eighteen."""


def proposed_shop() -> Shop:
    """Return a shop to begin with: the next free letter, the time zone of the others, a usual week. Writes nothing."""
    shops = list(Shop.objects.order_by("id"))
    taken = {shop.letter for shop in shops}
    pairs = ("".join(pair) for pair in itertools.product(string.ascii_uppercase, repeat=2))
    return Shop(
        letter=next(letter for letter in itertools.chain(string.ascii_uppercase, pairs) if letter not in taken),
        timezone=shops[-1].timezone if shops else _chosen_zone(),
        sort_order=max((shop.sort_order for shop in shops), default=-1) + 1,
        hours=[ShopHours(weekday=weekday, opens=opens, closes=closes) for weekday, opens, closes in WEEK],
    )


def _chosen_zone() -> str:
    """Return the installation's zone, "" where it is only the default: opening hours would be hours off."""
    return "" if settings.TIME_ZONE == "UTC" else settings.TIME_ZONE


class TimeZoneSelect(forms.Select):
    """A choice of time zones that says what time it is there, and proposes the browser's own if none is chosen."""

    @property
    def media(self):
        return forms.Media(js=[forms.Script("stock/time_zone.js", type="module")])

    def get_context(self, name, value, attrs):
        told = {"data-time-zone": "", "data-text-now": gettext("It is 00:00 there now.")}
        return super().get_context(name, value, {**told, **(attrs or {})})


class ShopForm(WagtailAdminModelForm):
    """Opening hours may cross midnight; a special day has both times or neither."""

    code = forms.SlugField(label=_("Code"), max_length=32, required=False)
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [("", _("Choose a time zone")), *((name, name) for name in time_zones.names())],
        widget=TimeZoneSelect,
        error_messages={"required": _("Choose the time zone of this shop: its opening hours are in it.")},
    )

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("code") and "code" not in self.errors:
            cleaned["code"] = self.instance.code or self._free_code(translate(cleaned.get("name") or {}))
        return cleaned

    def _free_code(self, name):
        stem = slugify(anyascii(name))[:28].strip("-") or "shop"
        taken = set(Shop.objects.filter(code__startswith=stem).values_list("code", flat=True))
        return next(code for code in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if code not in taken)

    def is_valid(self):
        valid = super().is_valid()
        for form in self.formsets["days"].forms if self.is_bound and "days" in self.formsets else ():
            day = getattr(form, "cleaned_data", None) or {}
            if not day.get("DELETE") and bool(day.get("opens")) != bool(day.get("closes")):
                form.add_error("closes", ValidationError(gettext("Give both times, or neither for a closed day.")))
                valid = False
        return valid


class _TellsProducts:
    """Report a shop that was opened or closed to customers: the availability of every product changes."""

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


class ShopCreateView(_TellsProducts, RowCreateView):
    """Make a shop."""

    def get_form_kwargs(self):
        kwargs = super().get_form_kwargs()
        if self.request.method == "GET":
            kwargs["instance"] = proposed_shop()
        return kwargs


def shop_tabs(*, people):
    """Return the tabs of a shop's form; the one that says who works there only for those who decide it."""
    tabs = [
        ObjectList(
            [
                FieldPanel("name"),
                *(FieldPanel(name) for name in ("address", "phone", "map_url")),
                FieldPanel("timezone", help_text=_("Opening hours are in this zone.")),
                FieldPanel(
                    "letter",
                    help_text=_("One or two capital letters: marks this shop on the site, on slips and on the board."),
                ),
                FieldPanel(
                    "code",
                    help_text=_("Used in web addresses. If you leave this empty, it is made from the name."),
                ),
                *(FieldPanel(name) for name in ("is_active", "sort_order")),
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
    ]
    if people:
        tabs.append(
            ObjectList([InlinePanel("staff", heading=_("Who works here"), label=_("Person"))], heading=_("People"))
        )
    return TabbedInterface(tabs, base_form_class=ShopForm)


class _OwnShops:
    """Keep people who may not assign staff to their own shops and to themselves: a post opens its orders."""

    def _may_place_people(self):
        return self.request.user.has_perm("stock.change_shopstaff")

    def _own(self, shops):
        return shops if self._may_place_people() else shops.filter(staff__user=self.request.user)


class ShopIndexView(_OwnShops, generic.IndexView):
    """List the shops this person keeps."""

    def get_base_queryset(self):
        return self._own(super().get_base_queryset())


class _OneOfOwnShops(_OwnShops):
    """A view of one shop; another's is missing."""

    def get_object(self, queryset=None):
        return get_object_or_404(self._own(Shop.objects.all()), pk=super().get_object().pk)


class ShopHistoryView(_OneOfOwnShops, HistoryView):
    """Show the history of a shop."""


class ShopUsageView(_OneOfOwnShops, UsageView):
    """Show the uses of a shop."""


class ShopDeleteView(_OneOfOwnShops, KeptDeleteView):
    """Delete a shop that nothing refers to."""


class ShopEditView(_OneOfOwnShops, _TellsProducts, RowEditView):
    """Change a shop."""

    def get_panel(self):
        return self.panel if self._may_place_people() else shop_tabs(people=False).bind_to_model(Shop)

    def get_form_class(self):
        return self.panel.get_form_class()


class ShopViewSet(RowViewSet):
    """Points of sale. Never deleted once an order names one: switched off."""

    model = Shop
    name = "shops"
    icon = "home"
    menu_label = _("Shops")
    index_view_class = ShopIndexView
    add_view_class = ShopCreateView
    edit_view_class = ShopEditView
    delete_view_class = ShopDeleteView
    history_view_class = ShopHistoryView
    usage_view_class = ShopUsageView
    list_display = ["__str__", "code", "letter", BooleanColumn("is_active", label=_("Open to customers"))]
    ordering = ["sort_order", "id"]

    def get_edit_handler(self):
        return shop_tabs(people=True).bind_to_model(self.model)
