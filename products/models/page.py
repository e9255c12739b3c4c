"""The product page: content, pictures, attributes, allergens, categories. No price, stock or SKU is in it."""

import re
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import (
    FieldPanel,
    InlinePanel,
    MultipleChooserPanel,
    ObjectList,
    TabbedInterface,
    TitleFieldPanel,
)
from wagtail.fields import RichTextField
from wagtail.models import Locale, Orderable, Page, PageManager, Revision
from wagtail.rich_text import get_text_for_indexing
from wagtail.search import index

from common import clock
from common.folding import fold
from common.outbox.services import enqueue
from common.public_pages import PublicPageMixin
from common.visible_pages import VisiblePageQuerySet
from products.editing.page_form import ProductCopyForm, ProductPageForm
from products.editing.panels import OffersPanel
from products.models.attribute import Attribute, AttributeValue
from products.models.category import CategoryPage
from products.models.choices import (
    NUTRITION_NAMES,
    Allergen,
    AllergenStatus,
    Badge,
    validate_badges,
    validate_nutrition,
)
from products.models.product import Product
from products.publishing import require_ready
from products.tax_classes import only_tax_class

__all__ = ["Allergen", "Badge", "ProductAllergen", "ProductAttribute", "ProductCategory", "ProductImage", "ProductPage"]


class ProductPageQuerySet(VisiblePageQuerySet):
    """Product pages as visitors find them."""

    def shown(self) -> "ProductPageQuerySet":
        """Return the pages that show a product: visible to all, and no alias of another one."""
        return self.visible().filter(alias_of=None)


class ProductPage(PublicPageMixin, Page):
    """The content that editors curate. `product` is set on save from the translation group and never by a revision."""

    product = models.ForeignKey(Product, null=True, editable=False, on_delete=models.PROTECT, related_name="pages")
    intro = models.CharField(_("short description"), max_length=255, blank=True)
    description = RichTextField(_("description"), blank=True, features=["h3", "bold", "italic", "ul", "ol", "link"])
    card_note = models.CharField(_("line on the card"), max_length=60, blank=True)
    badges = models.JSONField(_("badges"), default=list, blank=True, validators=[validate_badges])
    # Not blank: a draft may leave it open, nothing is published without it.
    allergen_status = models.CharField(_("allergen declaration"), max_length=10, choices=AllergenStatus.choices)
    ingredients = models.TextField(_("ingredients"), blank=True)
    storage = models.TextField(_("keeping"), blank=True)
    nutrition = models.JSONField(_("nutrition per 100 g"), default=list, blank=True, validators=[validate_nutrition])
    cover = models.ForeignKey(
        "common.Picture", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    # The mode of the editor's preview; "" on the site.
    previewed_as = ""
    # The other side of ProductCategory.page: its rows, kept in memory until the page is saved.
    categories: Any

    objects = PageManager.from_queryset(ProductPageQuerySet)()

    parent_page_types: ClassVar = ["products.ProductIndexPage"]
    subpage_types: ClassVar = []
    template = "products/product_page.html"
    base_form_class = ProductPageForm
    copy_form_class = ProductCopyForm

    content_panels: ClassVar = [
        # While it is empty, Wagtail frames the name by its placeholder alone; its label is for screen readers only.
        TitleFieldPanel(
            "title",
            heading=_("Product name"),
            placeholder=format_lazy("{}*", _("Product name")),
            help_text=_("As customers read it."),
        ),
        MultipleChooserPanel(
            "gallery",
            chooser_field_name="image",
            heading=_("Pictures"),
            label=_("Picture"),
            panels=[FieldPanel("image"), FieldPanel("alt")],
            help_text=_("The first picture is on the card. Keep the product inside the middle square."),
        ),
        FieldPanel("intro"),
        FieldPanel("description"),
        MultipleChooserPanel(
            "categories",
            chooser_field_name="category",
            heading=_("Categories"),
            label=_("Category"),
            panels=[FieldPanel("category")],
            help_text=_("The first category is the breadcrumb. The address does not depend on it."),
        ),
        FieldPanel("card_note"),
        FieldPanel("badges"),
        InlinePanel(
            "attributes",
            heading=_("Attributes"),
            label=_("Attribute"),
            panels=[FieldPanel("attribute"), FieldPanel("value"), FieldPanel("number"), FieldPanel("text")],
        ),
    ]
    food_panels: ClassVar = [
        FieldPanel("allergen_status"),
        InlinePanel(
            "allergens",
            heading=_("Allergens"),
            label=_("Allergen"),
            panels=[FieldPanel("allergen"), FieldPanel("level")],
        ),
        FieldPanel("ingredients"),
        FieldPanel("storage"),
        FieldPanel("nutrition"),
    ]
    edit_handler = TabbedInterface(
        [
            ObjectList(content_panels, heading=_("Content")),
            ObjectList(food_panels, heading=_("Food facts")),
            ObjectList([OffersPanel()], heading=_("Variants, prices and stock")),
            ObjectList(Page.promote_panels, heading=_("Promote")),
            # No tab: drawn in the status panel, as the dialog "Set schedule".
            ObjectList(Page.settings_panels, heading=_("Settings")),
        ]
    )
    search_fields: ClassVar = [
        *Page.search_fields,
        index.SearchField("intro"),
        index.SearchField("description"),
        index.SearchField("card_note"),
        index.SearchField("folded_title", boost=2),
        index.AutocompleteField("folded_title"),
        index.SearchField("folded_text"),
        index.SearchField("articles", boost=3),
        index.AutocompleteField("articles"),
    ]

    class Meta:
        verbose_name = _("product page")
        verbose_name_plural = _("product pages")

    def tags_of_content(self) -> list[str]:
        return [f"p{self.product_id}"]

    @property
    def preview_modes(self) -> list[tuple[str, object]]:
        return [
            ("", _("Page")),
            ("sold-out", _("Page when sold out")),
            ("card", _("In a list")),
            ("search", _("In a search engine and when shared")),
        ]

    def get_preview_template(self, request, mode_name: str) -> str:
        own = {"card": "products/preview_card.html", "search": "products/admin/preview_search.html"}
        return own.get(mode_name) or self.get_template(request)

    def get_preview_context(self, request, mode_name: str) -> dict[str, object]:
        self.previewed_as = mode_name
        return super().get_preview_context(request, mode_name)

    def publish(self, revision: Revision, *args: object, **kwargs: object) -> object:
        """Publish a revision or schedule it. Raises NotReady and changes nothing when buyers may not see it."""
        require_ready(revision.as_object())
        return super().publish(revision, *args, **kwargs)

    def save(self, clean: bool = True, *args: object, **kwargs: object) -> None:
        """Save content; give the page its Product, its cover and the default language's categories.

        All pages of a translation group and their aliases share one Product; a copy is a draft with a new one.
        A live page orders its renditions, so that the first visitor does not wait for them. Raises NotReady for one
        that may not be live: this is where a page passes that no revision publishes. An alias shows what was checked.
        """
        update_fields: Any = kwargs.get("update_fields")
        if update_fields is not None:
            if "live_revision" in update_fields and not self.live:
                # Wagtail sets and dates the live revision of a copy that was to be published at once.
                self.live_revision = self.first_published_at = self.last_published_at = None
            return super().save(clean, *args, **kwargs)
        self._find_product()
        if clean and self.live and self.alias_of_id is None:
            require_ready(self)
        self._name_categories_of_default_language()
        first = self.gallery.first()
        self.cover_id = first.image_id if first else None
        super().save(clean, *args, **kwargs)
        if self.live and first:
            self._order_renditions()
        return None

    def with_content_json(self, content: dict[str, object]) -> "ProductPage":
        """Return the page with a revision's content; no revision may re-point the page to another product."""
        page = super().with_content_json(content)
        page.product_id = self.product_id
        return page

    def articles(self) -> str:
        """Return the articles and barcodes by which this page is found, whole and in parts.

        A query for RYE-900 asks for RYE and 900, while PostgreSQL reads the article as "rye" and "-900".
        """
        # Called several times while a page is indexed: not ordered by SQL, so that a prefetch of skus is used.
        skus = sorted(self.product.skus.all(), key=lambda sku: (sku.sort_order, sku.pk)) if self.product_id else ()
        whole = [text for sku in skus for text in (sku.code, sku.barcode) if text]
        parts = [part for text in whole for part in re.split(r"[^A-Za-z0-9]+", text) if part and part != text]
        return " ".join([*whole, *parts])

    def folded_title(self) -> str:
        """Return the name as readers' queries are compared with it."""
        return fold(self.title)

    def folded_text(self) -> str:
        """Return the texts, and the words of the badges, as readers' queries are compared with them."""
        with translation.override(self.locale.language_code):
            badges = [str(Badge(code).label) for code in self.badges if code in Badge.values]
        return fold(" ".join([self.card_note, self.intro, get_text_for_indexing(self.description), *badges]))

    def nutrition_rows(self) -> list[tuple[str, str]]:
        """Return (label, text) of each nutrition figure that was given."""
        return [(str(label), text) for label, text in zip(NUTRITION_NAMES, self.nutrition or [], strict=False) if text]

    def _find_product(self) -> None:
        """Give a new page the product of its translations, or one of its own. A copy keeps the tax class."""
        if self.product_id is None:
            self.product = self._product_of_translations() or Product.objects.create(tax_class=only_tax_class())
        elif self._is_copy():
            self.product = Product.objects.create(tax_class_id=self.product.tax_class_id)
            # A copy has nothing to sell yet.
            self.live, self.has_unpublished_changes = False, True
            self.live_revision = self.first_published_at = self.last_published_at = None

    def _is_copy(self) -> bool:
        if self.pk is not None or self.alias_of_id is not None:
            return False
        keys = ProductPage.objects.filter(product_id=self.product_id).values_list("translation_key", flat=True)
        return bool(keys) and self.translation_key not in keys

    def _product_of_translations(self) -> Product | None:
        twins = ProductPage.objects.filter(translation_key=self.translation_key, product__isnull=False)
        twin = twins.exclude(pk=self.pk).select_related("product").first()
        return twin.product if twin else None

    def _name_categories_of_default_language(self) -> None:
        rows: list[ProductCategory] = list(self.categories.all())
        default = Locale.get_default().pk
        foreign = dict(
            CategoryPage.objects.filter(pk__in=[row.category_id for row in rows])
            .exclude(locale_id=default)
            .values_list("pk", "translation_key")
        )
        if not foreign:
            return
        twins = CategoryPage.objects.filter(translation_key__in=foreign.values(), locale_id=default)
        by_key = dict(twins.values_list("translation_key", "pk"))
        for row in rows:
            row.category_id = by_key.get(foreign.get(row.category_id), row.category_id)
        self.categories = rows

    def _order_renditions(self) -> None:
        pictures = ".".join(str(pk) for pk in sorted({row.image_id for row in self.gallery.all()}))
        at = clock.now()
        enqueue(
            event="products.renditions",
            key=f"renditions:{self.pk}:{pictures}"[:128],
            payload={"page_id": self.pk},
            at=at,
        )


class ProductImage(Orderable):
    """A picture of the gallery; the first is on the card."""

    page = ParentalKey(ProductPage, on_delete=models.CASCADE, related_name="gallery")
    image = models.ForeignKey("common.Picture", on_delete=models.CASCADE, related_name="+")
    alt = models.CharField(_("describe the picture for people who cannot see it"), max_length=200, blank=True)


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

    def clean(self) -> None:
        """Require what the attribute's kind needs, and a value that is the attribute's own."""
        if self.attribute_id is None:
            return
        if self.value_id and self.value.attribute_id != self.attribute_id:
            raise ValidationError({"value": gettext("This value belongs to another attribute.")})
        needed = {Attribute.Kind.CHOICE: "value_id", Attribute.Kind.NUMBER: "number", Attribute.Kind.TEXT: "text"}
        name = needed.get(self.attribute.kind)
        if name and getattr(self, name) in (None, ""):
            raise ValidationError({name.removesuffix("_id"): gettext("This attribute needs a value here.")})


class ProductAllergen(Orderable):
    """One declared allergen."""

    class Level(models.TextChoices):
        CONTAINS = "contains", _("Contains")
        MAY_CONTAIN = "may_contain", _("May contain")

    page = ParentalKey(ProductPage, on_delete=models.CASCADE, related_name="allergens")
    allergen = models.CharField(_("allergen"), max_length=12, choices=Allergen.choices)
    level = models.CharField(_("level"), max_length=12, choices=Level.choices, default=Level.CONTAINS)
