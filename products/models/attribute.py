"""Attributes by which products are described, filtered and varied."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from common.constraints import unique_name
from common.models import Translated


class Attribute(ClusterableModel):
    """A property such as roast, size or grind."""

    class Kind(models.TextChoices):
        CHOICE = "choice", _("Choice")
        NUMBER = "number", _("Number")
        BOOL = "bool", _("Yes or no")
        TEXT = "text", _("Text")

    code = models.SlugField(_("code"), max_length=32, db_index=False)
    name = Translated(_("name"), default=dict)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.CHOICE)
    unit = models.CharField(_("unit"), max_length=16, blank=True)
    is_filter = models.BooleanField(_("offered as a filter"), default=False)
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        constraints: ClassVar = [
            unique_name("code", name="attribute_code_once", message=_("Another attribute has this code.")),
        ]

    def __str__(self) -> str:
        return self.name_text or self.code


class ValueManager(models.Manager):
    """Load the attribute with each value: a value is named after it in lists of choices."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().select_related("attribute")


class AttributeValue(models.Model):
    """One of the values of a choice attribute."""

    attribute = ParentalKey(Attribute, on_delete=models.CASCADE, related_name="values")
    code = models.SlugField(_("code"), max_length=32)
    label = Translated(_("label"), default=dict)
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = ValueManager()

    class Meta:
        verbose_name = _("value")
        verbose_name_plural = _("values")
        constraints: ClassVar = [models.UniqueConstraint(fields=["attribute", "code"], name="attributevalue_once")]

    # Set by Translated: the label in the reader's language.
    label_text: str

    def __str__(self) -> str:
        return f"{self.attribute}: {self.label_text or self.code}"
