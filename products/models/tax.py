"""Tax classes and their rates over time. Prices are gross."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from common.constraints import unique_name
from common.models import Translated
from common.number_fields import PercentField


class TaxClass(ClusterableModel):
    """A kind of goods for tax: standard, reduced, zero. Never deleted while products name it."""

    code = models.SlugField(_("code"), max_length=32, db_index=False)
    name = Translated(_("name"), default=dict)

    class Meta:
        verbose_name = _("tax class")
        verbose_name_plural = _("tax classes")
        constraints: ClassVar = [
            unique_name("code", name="taxclass_code_once", message=_("Another tax class has this code.")),
        ]

    def __str__(self) -> str:
        return self.name_text or self.code


class RateField(models.DecimalField):
    """A rate as a fraction, 0.2000 for 20 %; people type and see the percentage."""

    def formfield(self, **kwargs: object) -> PercentField:
        """Return the field of a form; what a form of the admin passes for numbers is not for rates."""
        kwargs.pop("kind", None)
        return super().formfield(**{**kwargs, "form_class": PercentField})

    def deconstruct(self) -> tuple:
        """Return the plain column for migrations."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DecimalField", args, kwargs


class TaxRate(models.Model):
    """The rate of a class from a date on; 0.2000 is 20 %."""

    tax_class = ParentalKey(TaxClass, on_delete=models.CASCADE, related_name="rates")
    rate = RateField(_("rate"), max_digits=5, decimal_places=4)
    since = models.DateField(_("since"))

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tax_class", "since"], name="taxrate_once"),
            models.CheckConstraint(condition=models.Q(rate__gte=0, rate__lt=1), name="taxrate_range"),
        ]

    def __str__(self) -> str:
        return f"{self.rate:.2%}"
