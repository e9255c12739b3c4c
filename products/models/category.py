"""Catalogue, categories and the flat index under which products hang."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page
from wagtail.search import index

from common.public_pages import PublicPageMixin
from common.structural_pages import StructuralPageMixin


class CataloguePage(StructuralPageMixin, PublicPageMixin, Page):
    """Home > Catalogue: the top of the category tree; lists everything."""

    intro = models.CharField(_("introduction"), max_length=160, blank=True)

    parent_page_types: ClassVar = ["storefront.HomePage"]
    subpage_types: ClassVar = ["products.CategoryPage"]
    max_count_per_parent = 1
    template = "products/category_page.html"
    content_panels: ClassVar = [*Page.content_panels, FieldPanel("intro")]
    promote_panels: ClassVar = [*StructuralPageMixin.structural_panels, *Page.promote_panels]

    class Meta:
        verbose_name = _("catalogue")
        verbose_name_plural = _("catalogues")


class CategoryPage(PublicPageMixin, Page):
    """A category; its name is unique within its parent (the slug is). Products name it, whatever their place."""

    intro = models.CharField(_("introduction"), max_length=160, blank=True)
    note = models.CharField(_("note beside the heading"), max_length=60, blank=True)

    parent_page_types: ClassVar = ["products.CataloguePage", "products.CategoryPage"]
    subpage_types: ClassVar = ["products.CategoryPage"]
    template = "products/category_page.html"
    content_panels: ClassVar = [*Page.content_panels, FieldPanel("intro"), FieldPanel("note")]
    search_fields: ClassVar = [*Page.search_fields, index.SearchField("intro")]

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")


class ProductIndexPage(StructuralPageMixin, PublicPageMixin, Page):
    """Home > Products: the flat parent of all product pages, so that a product's URL never changes."""

    parent_page_types: ClassVar = ["storefront.HomePage"]
    subpage_types: ClassVar = ["products.ProductPage"]
    max_count_per_parent = 1
    template = "products/category_page.html"
    promote_panels: ClassVar = [*StructuralPageMixin.structural_panels, *Page.promote_panels]

    class Meta:
        verbose_name = _("product index")
        verbose_name_plural = _("product indexes")
