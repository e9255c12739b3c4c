"""The CMS's listings: the "Shop" group of plain rows, and how product pages are listed in the explorer."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, InlinePanel, ObjectList
from wagtail.admin.views.pages.listing import ExplorableIndexView
from wagtail.admin.viewsets.model import ModelViewSetGroup
from wagtail.admin.viewsets.pages import PageViewSet

from common.cms import RowEditView, RowViewSet
from products.models import Attribute, ProductIndexPage, ProductPage, SkuOption, Supplier, TaxClass
from products.services.rows import refresh
from stock.viewsets import ShopViewSet


class AttributeForm(WagtailAdminModelForm):
    """A value that variants use cannot be removed."""

    def is_valid(self):
        valid = super().is_valid()
        for form in self.formsets["values"].deleted_forms if valid and "values" in self.formsets else ():
            if form.instance.pk and SkuOption.objects.filter(value=form.instance.pk).exists():
                message = gettext("Variants use the value %(value)s: it cannot be removed.")
                self.add_error(None, message % {"value": form.instance.label_text or form.instance.code})
                valid = False
        return valid


class AttributeViewSet(RowViewSet):
    """What products are described, filtered and varied by."""

    model = Attribute
    name = "attributes"
    icon = "list-ul"
    menu_label = _("Attributes")
    list_display = ["__str__", "code", "kind", "is_filter"]
    ordering = ["sort_order", "id"]

    def get_edit_handler(self):
        panels = [FieldPanel(name) for name in ("name", "code", "kind", "unit", "is_filter", "sort_order")]
        values = InlinePanel("values", heading=_("Values to choose from"), label=_("Value"))
        return ObjectList([*panels, values], base_form_class=AttributeForm).bind_to_model(self.model)


class TaxClassViewSet(RowViewSet):
    """Kinds of goods for tax, each with its rates over time."""

    model = TaxClass
    name = "tax-classes"
    icon = "tag"
    menu_label = _("Tax classes")
    list_display = ["__str__", "code"]
    ordering = ["id"]

    def get_edit_handler(self):
        rate = FieldPanel("rate", help_text=_("As a percentage: 9 or 9.5 %."))
        rates = InlinePanel("rates", [rate, "since"], heading=_("Rates"), label=_("Rate"), min_num=1)
        return ObjectList([FieldPanel("name"), FieldPanel("code"), rates]).bind_to_model(self.model)


class SupplierEditView(RowEditView):
    """Switching a supplier on or off moves the rows of everything it delivers."""

    def save_instance(self):
        supplier = super().save_instance()
        refresh(supplier.skus.values_list("product_id", flat=True).distinct())
        return supplier


class SupplierViewSet(RowViewSet):
    """Where goods come from."""

    model = Supplier
    name = "suppliers"
    icon = "group"
    menu_label = _("Suppliers")
    edit_view_class = SupplierEditView
    form_fields = ["name", "code", "is_active"]
    list_display = ["name", "code", "is_active"]
    search_fields = ["name", "code"]
    ordering = ["name", "id"]


class ShopGroup(ModelViewSetGroup):
    """Everything about selling that is neither a page nor a person."""

    menu_label = _("Shop")
    menu_icon = "home"
    menu_order = 250
    items = (ShopViewSet, AttributeViewSet, TaxClassViewSet, SupplierViewSet)


class ProductIndexView(ExplorableIndexView):
    """Products have no menu order: `?ordering=ord` would load all 20,000 siblings at once and take a minute."""

    sort_order_field = None


class ProductPageViewSet(PageViewSet):
    """Product pages in the explorer."""

    model = ProductPage
    parent_models = [ProductIndexPage]
    index_view_class = ProductIndexView
    name = "product-pages"
    icon = "tag"
