"""Suppliers of goods; one that is switched off takes its goods out of sale."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.constraints import unique_name


class Supplier(models.Model):
    """A supplier of SKUs."""

    code = models.SlugField(_("code"), max_length=32, db_index=False)
    name = models.CharField(_("name"), max_length=150)
    is_active = models.BooleanField(_("goods can be ordered"), default=True)

    class Meta:
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")
        constraints: ClassVar = [
            unique_name("code", name="supplier_code_once", message=_("Another supplier has this code.")),
        ]

    def __str__(self) -> str:
        return self.name
