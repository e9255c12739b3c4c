"""The content of a deleted product page, kept beside its product so that it can be restored."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from products.models.product import Product


class KeptPage(models.Model):
    """The newest draft of the last page that was deleted from under a product."""

    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="kept_page")
    title = models.CharField(_("title"), max_length=255)
    content = models.JSONField(_("content"), encoder=DjangoJSONEncoder)
    kept_at = models.DateTimeField(_("deleted"))

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("kept page")
        verbose_name_plural = _("kept pages")

    def __str__(self) -> str:
        return self.title
