"""The CMS's listings: the "Shop" group of plain rows, and how product pages are listed in the explorer."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, InlinePanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn
from wagtail.admin.views.pages.listing import ExplorableIndexView
from wagtail.admin.viewsets.model import ModelViewSetGroup
from wagtail.admin.viewsets.pages import PageViewSet

from common.cms import KeptDeleteView, RowEditView, RowViewSet
from products.attribute_use import refusal_of_value, uses_of
from products.models import Attribute, ProductIndexPage, ProductPage, Supplier, TaxClass
from products.services.rows import refresh
from stock.viewsets import ShopViewSet


class AttributeForm(WagtailAdminModelForm):
    """A value that products use cannot be removed."""

    def is_valid(self):
        valid = super().is_valid()
        for form in self.formsets["values"].deleted_forms if valid and "values" in self.formsets else ():
            refusal = refusal_of_value(form.instance) if form.instance.pk else ""
            if refusal:
                self.add_error(None, refusal)
                valid = False
        return valid


class AttributeDeleteView(KeptDeleteView):
    """Refuse to delete an attribute in use: it would leave every page that names it, for good."""

    def form_valid(self, form):
        uses = uses_of(self.object)
        if not uses:
            return super().form_valid(form)
        message = gettext("%(name)s cannot be deleted. %(uses)s Remove it from them first.")
        messages.error(self.request, message % {"name": self.object, "uses": uses})
        return self.render_to_response(self.get_context_data(form=self.get_form()))


class AttributeViewSet(RowViewSet):
    """The attributes that products are described, filtered and varied by."""

    model = Attribute
    name = "attributes"
    icon = "list-ul"
    menu_label = _("Attributes")
    delete_view_class = AttributeDeleteView
    list_display = ["__str__", "code", "kind", BooleanColumn("is_filter", label=_("Filter"))]
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
    """Move the rows of everything a supplier delivers when it is switched on or off."""

    def save_instance(self):
        supplier = super().save_instance()
        refresh(supplier.skus.values_list("product_id", flat=True).distinct())
        return supplier


class SupplierViewSet(RowViewSet):
    """The suppliers of goods."""

    model = Supplier
    name = "suppliers"
    icon = "group"
    menu_label = _("Suppliers")
    edit_view_class = SupplierEditView
    form_fields = ["name", "code", "is_active"]
    list_display = ["name", "code", BooleanColumn("is_active", label=_("Delivers"))]
    search_fields = ["name", "code"]
    ordering = ["name", "id"]


class ShopGroup(ModelViewSetGroup):
    """The menu of plain rows: everything about selling that is neither a page nor a person."""

    menu_label = _("Shop")
    menu_icon = "home"
    menu_order = 250
    items = (ShopViewSet, AttributeViewSet, TaxClassViewSet, SupplierViewSet)


class ProductIndexView(ExplorableIndexView):
    """Offer no menu order for products: `?ordering=ord` would load all 20,000 siblings and take a minute."""

    sort_order_field = None


class ProductPageViewSet(PageViewSet):
    """Product pages in the explorer."""

    model = ProductPage
    parent_models = [ProductIndexPage]
    index_view_class = ProductIndexView
    name = "product-pages"
    icon = "tag"
