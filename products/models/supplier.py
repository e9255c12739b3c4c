"""Where goods come from; a supplier that is off takes its goods out of sale."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Supplier(models.Model):
    """A supplier of SKUs."""

    code = models.SlugField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=150)
    is_active = models.BooleanField(_("goods can be ordered"), default=True)

    class Meta:
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")

    def __str__(self) -> str:
        return self.name
