"""Commercial settings of orders."""

from decimal import Decimal
from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from common.money import ZERO

NOT_NEGATIVE = (MinValueValidator(ZERO),)


@register_setting(icon="form")
class OrderSettings(BaseGenericSetting):
    """The largest refunds of one order that people may make by themselves, in the site's currency."""

    employee_refund_limit = models.DecimalField(
        _("an employee may refund up to"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=NOT_NEGATIVE,
        help_text=_("Of one order, in all. If you leave this empty, employees refund nothing."),
    )
    manager_refund_limit = models.DecimalField(
        _("a shop manager may refund up to"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=NOT_NEGATIVE,
        help_text=_("Of one order, in all. If you leave this empty, there is no limit. Owners have none."),
    )

    panels: ClassVar = [
        MultiFieldPanel(
            [FieldPanel("employee_refund_limit"), FieldPanel("manager_refund_limit")], heading=_("Refunds")
        ),
    ]

    class Meta:
        verbose_name = _("orders")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(employee_refund_limit=None) | models.Q(employee_refund_limit__gte=0),
                name="ordersettings_employee_limit",
            ),
            models.CheckConstraint(
                condition=models.Q(manager_refund_limit=None) | models.Q(manager_refund_limit__gte=0),
                name="ordersettings_manager_limit",
            ),
        ]

    @classmethod
    def current(cls) -> "OrderSettings":
        """Return the settings, or those with the defaults before there are any."""
        return cls.base_queryset().first() or cls()

    def refund_limit(self, role: str) -> Decimal | None:
        """Return the most that a role may refund of one order; None for no limit, zero for nothing at all."""
        if role == "owner":
            return None
        if role == "shop_manager":
            return self.manager_refund_limit
        return (self.employee_refund_limit or ZERO) if role == "employee" else ZERO
