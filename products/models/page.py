"""The product page: content, pictures, attributes, allergens, categories. No price, stock or SKU is in it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.fields import RichTextField
from wagtail.models import Orderable, Page

from common.public_pages import PublicPageMixin
from products.models.attribute import Attribute, AttributeValue
from products.models.category import CategoryPage
from products.models.product import Product


class Badge(models.TextChoices):
    """Short words on a card; at most two are shown."""

    NEW = "new", _("New")
    VEGAN = "vegan", _("Vegan")
    SEASONAL = "seasonal", _("In season")
    BY_WEIGHT = "by_weight", _("Cut to weight")
    FAVOURITE = "favourite", _("House favourite")


class Allergen(models.TextChoices):
    """The fourteen of Regulation (EU) 1169/2011, Annex II."""

    GLUTEN = "gluten", _("Gluten")
    CRUSTACEANS = "crustaceans", _("Crustaceans")
    EGGS = "eggs", _("Eggs")
    FISH = "fish", _("Fish")
    PEANUTS = "peanuts", _("Peanuts")
    SOYA = "soya", _("Soya")
    MILK = "milk", _("Milk")
    NUTS = "nuts", _("Nuts")
    CELERY = "celery", _("Celery")
    MUSTARD = "mustard", _("Mustard")
    SESAME = "sesame", _("Sesame")
    SULPHITES = "sulphites", _("Sulphites")
    LUPIN = "lupin", _("Lupin")
    MOLLUSCS = "molluscs", _("Molluscs")


class ProductPage(PublicPageMixin, Page):
    """What editors curate. `product` is set on save from the translation group and never by a revision."""

    class AllergenStatus(models.TextChoices):
        NOT_FOOD = "not_food", _("Not food")
        NONE = "none", _("Contains none of the 14 allergens")
        DECLARED = "declared", _("Allergens are listed below")

    product = models.ForeignKey(Product, null=True, editable=False, on_delete=models.PROTECT, related_name="pages")
    intro = models.CharField(_("short description"), max_length=255, blank=True)
    description = RichTextField(_("description"), blank=True, features=["h3", "bold", "italic", "ul", "ol", "link"])
    card_note = models.CharField(_("line on the card"), max_length=60, blank=True)
    badges = models.JSONField(_("badges"), default=list, blank=True)
    allergen_status = models.CharField(
        _("allergen declaration"), max_length=10, choices=AllergenStatus.choices, blank=True
    )
    ingredients = models.TextField(_("ingredients"), blank=True)
    storage = models.TextField(_("keeping"), blank=True)
    nutrition = models.JSONField(_("nutrition per 100 g"), default=list, blank=True)
    cover = models.ForeignKey(
        "common.Picture", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    parent_page_types: ClassVar = ["products.ProductIndexPage"]
    subpage_types: ClassVar = []
    exclude_fields_in_copy: ClassVar = ["product"]
    template = "products/product_page.html"

    class Meta:
        verbose_name = _("product page")
        verbose_name_plural = _("product pages")


class ProductImage(Orderable):
    """A picture of the gallery; the first is on the card."""

    page = ParentalKey(ProductPage, on_delete=models.CASCADE, related_name="gallery")
    image = models.ForeignKey("common.Picture", on_delete=models.CASCADE, related_name="+")
    alt = models.CharField(_("description for those who do not see it"), max_length=200, blank=True)


class ProductCategory(Orderable):
    """A category of the product, named in the default language; the first is the breadcrumb."""

    page = ParentalKey(ProductPage, on_delete=models.CASCADE, related_name="categories")
    category = models.ForeignKey(CategoryPage, on_delete=models.CASCADE, related_name="product_rows")

    class Meta(Orderable.Meta):
        indexes: ClassVar = [models.Index(fields=["category", "page"], name="productcategory_pages")]


class ProductAttribute(Orderable):
    """One attribute of the product: a value of a choice attribute, or a number, or a text."""

    page = ParentalKey(ProductPage, on_delete=models.CASCADE, related_name="attributes")
    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="product_rows")
    value = models.ForeignKey(AttributeValue, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    number = models.DecimalField(_("number"), max_digits=12, decimal_places=3, null=True, blank=True)
    text = models.CharField(_("text"), max_length=150, blank=True)


class ProductAllergen(Orderable):
    """One declared allergen."""

    class Level(models.TextChoices):
        CONTAINS = "contains", _("Contains")
        MAY_CONTAIN = "may_contain", _("May contain")

    page = ParentalKey(ProductPage, on_delete=models.CASCADE, related_name="allergens")
    allergen = models.CharField(_("allergen"), max_length=12, choices=Allergen.choices)
    level = models.CharField(_("level"), max_length=12, choices=Level.choices, default=Level.CONTAINS)
