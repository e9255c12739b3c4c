"""Shops: points of sale with hours, special days, staff, and the customers who chose them."""

from collections.abc import Callable
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from common.constraints import unique_name
from common.models import Translated

# Sensible bounds. A bank's page takes minutes to fill in; goods held for months are not for sale; each checkout works
# out the hours of every day held.
BOUNDS = {
    "lead_minutes": (0, 7 * 24 * 60),
    "hold_minutes": (5, 24 * 60),
    "hold_days": (1, 60),
    "due_soon_minutes": (0, 24 * 60),
}


def _within(field: str) -> list[Callable[[int], None]]:
    lowest, highest = BOUNDS[field]
    return [MinValueValidator(lowest), MaxValueValidator(highest)]


def check_letter(text: str) -> None:
    """Refuse a marker that is not one or two capital letters, of any alphabet."""
    if len(text) > 2 or not text.isalpha() or text != text.upper():
        raise ValidationError(_("Enter one or two capital letters."))


class ShopQuerySet(models.QuerySet["Shop"]):
    """Shops as customers and staff may use them."""

    def open_to_customers(self) -> "ShopQuerySet":
        """Return the shops that customers see and order from; an archived one keeps its history only."""
        return self.filter(is_active=True)

    def in_order(self) -> "ShopQuerySet":
        """Return the shops in the order of lists."""
        return self.order_by("sort_order", "id")


class Shop(ClusterableModel):
    """A point of sale. Archived by `is_active`, never deleted once an order names it."""

    code = models.SlugField(_("code"), max_length=32, db_index=False)
    letter = models.CharField(_("marker letter"), max_length=2, validators=[check_letter])
    name = Translated(_("name"), default=dict)
    address = Translated(_("address"), default=dict, blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    map_url = models.URLField(_("map link"), blank=True)
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC")
    lead_minutes = models.PositiveSmallIntegerField(
        _("lead time, minutes"), default=15, validators=_within("lead_minutes")
    )
    hold_minutes = models.PositiveSmallIntegerField(
        _("unpaid online orders are held, minutes"), default=30, validators=_within("hold_minutes")
    )
    hold_days = models.PositiveSmallIntegerField(
        _("orders paid on collection are held, open days"), default=1, validators=_within("hold_days")
    )
    due_soon_minutes = models.PositiveSmallIntegerField(
        _("mark as due soon (minutes before)"), default=5, validators=_within("due_soon_minutes")
    )
    paused_until = models.DateTimeField(_("no new orders until"), null=True, blank=True)
    is_active = models.BooleanField(_("open to customers"), default=True)
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = ShopQuerySet.as_manager()

    class Meta:
        verbose_name = _("shop")
        verbose_name_plural = _("shops")
        constraints: ClassVar = [
            unique_name("code", name="shop_code_once", message=_("Another shop has this code.")),
            unique_name("letter", name="shop_letter_once", message=_("Another shop has this letter.")),
            *(
                models.CheckConstraint(condition=models.Q(**{f"{field}__range": bounds}), name=f"shop_{field}")
                for field, bounds in BOUNDS.items()
            ),
        ]

    def __str__(self) -> str:
        return self.name_text or self.code


class ShopHours(models.Model):
    """One weekly opening: `closes` at or before `opens` means after midnight. Monday is 0. Local time of the shop."""

    shop = ParentalKey(Shop, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=list(WEEKDAYS.items()))
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="shophours_weekday"),
            models.UniqueConstraint(fields=["shop", "weekday", "opens"], name="shophours_once"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens:%H:%M}-{self.closes:%H:%M}"


class ShopDay(models.Model):
    """A date that differs from the week: other hours, or closed when both are empty."""

    shop = ParentalKey(Shop, on_delete=models.CASCADE, related_name="days")
    date = models.DateField(_("date"))
    opens = models.TimeField(_("opens"), null=True, blank=True)
    closes = models.TimeField(_("closes"), null=True, blank=True)
    note = Translated(_("note"), default=dict, blank=True)

    class Meta:
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shop", "date"], name="shopday_once"),
            models.CheckConstraint(
                condition=models.Q(opens__isnull=True, closes__isnull=True)
                | models.Q(opens__isnull=False, closes__isnull=False),
                name="shopday_both_or_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date}"


class ShopStaff(models.Model):
    """A person's post at a shop."""

    # Only people with a role can be chosen: the CMS never lists customers.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="shop_posts",
        limit_choices_to={"groups__isnull": False, "is_active": True},
        verbose_name=_("person"),
    )
    shop = ParentalKey(Shop, on_delete=models.CASCADE, related_name="staff")

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "shop"], name="shopstaff_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.shop_id}"


class ShopChoice(models.Model):
    """The shop a customer chose last, kept with the account."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shop_choice")
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="chosen_by")

    def __str__(self) -> str:
        return f"{self.user_id} {self.shop_id}"
