"""The editor's tab "Variants, prices and stock": drawn on the page's form, sent by a form of its own."""

from django.urls import reverse
from wagtail.admin.panels import Panel

from common import clock
from products.editing.variants_table import may_change, variant_table


class OffersPanel(Panel):
    """Show the variants of the page's product.

    Its inputs carry `form="sku-form"`, so that neither autosave nor Publish sends them: a revision
    never holds a price or a count. Publishing an old draft would bring old figures back.
    """

    class BoundPanel(Panel.BoundPanel):
        template_name = "products/admin/offers_panel.html"

        def get_context_data(self, parent_context: dict | None = None) -> dict:
            context = super().get_context_data(parent_context)
            page = self.instance
            context["address"] = reverse("products_admin:variants", args=[0])
            if page.pk is None or page.product_id is None:
                return context
            context |= {
                "table": variant_table(page.product_id, clock.now()),
                "page_id": page.pk,
                "can_change": may_change(self.request.user),
                "address": reverse("products_admin:variants", args=[page.pk]),
            }
            return context
