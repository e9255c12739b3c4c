"""Home, content and shop pages, and the site's identity."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.forms import TextInput
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting
from wagtail.fields import StreamField
from wagtail.models import Page, Site
from wagtail.url_routing import RouteResult

from common.blocks import STORY_BLOCKS
from common.public_pages import PublicPageMixin
from common.structural_pages import StructuralPageMixin
from stock.models import Shop
from storefront.accent import parse

DEFAULT_ACCENT = "#2340c4"


class HomePage(StructuralPageMixin, PublicPageMixin, Page):
    """The way to every product: a plate, bands that editors add, and the whole menu by category."""

    hero_title = models.CharField(_("headline"), max_length=60, blank=True)
    hero_text = models.CharField(_("text beside it"), max_length=160, blank=True)
    hero_link_text = models.CharField(_("button"), max_length=30, blank=True)
    hero_link_page = models.ForeignKey(
        "wagtailcore.Page",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("leads to"),
    )
    hero_image = models.ForeignKey(
        "common.Picture", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("picture")
    )
    body = StreamField(STORY_BLOCKS, blank=True, verbose_name=_("bands below the menu"))

    parent_page_types: ClassVar = ["wagtailcore.Page"]
    subpage_types: ClassVar = [
        "products.CataloguePage",
        "products.ProductIndexPage",
        "storefront.ContentPage",
        "storefront.ShopPage",
    ]
    template = "storefront/home_page.html"
    content_panels: ClassVar = [
        *Page.content_panels,
        FieldPanel("hero_title"),
        FieldPanel("hero_text"),
        FieldPanel("hero_link_text"),
        FieldPanel("hero_link_page"),
        FieldPanel("hero_image"),
        FieldPanel("body"),
    ]
    promote_panels: ClassVar = [*StructuralPageMixin.structural_panels, *Page.promote_panels]

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")

    def is_needed(self) -> bool:
        """Say whether this is the home page of a site, in any language."""
        return Site.objects.filter(root_page__translation_key=self.translation_key).exists()

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Find the page by its whole address at once; Wagtail makes two queries for each level of the tree."""
        if not path_components:
            return super().route(request, path_components)
        address = f"{self.url_path}{'/'.join(path_components)}/"
        if "\0" in address:  # which PostgreSQL refuses
            raise Http404
        # The slug is indexed, the address is not.
        found = Page.objects.filter(slug=path_components[-1], url_path=address).first()
        # An address that is not a page's may still lie inside one, such as a route of a routable page.
        return found.specific.route(request, []) if found else super().route(request, path_components)


class ContentPage(PublicPageMixin, Page):
    """A page of text made of blocks: about, delivery, legal."""

    lead = models.CharField(_("lead"), max_length=255, blank=True)
    body = StreamField(STORY_BLOCKS, blank=True, verbose_name=_("body"))
    in_footer = models.BooleanField(_("link in the footer"), default=False)

    parent_page_types: ClassVar = ["storefront.HomePage", "storefront.ContentPage"]
    subpage_types: ClassVar = ["storefront.ContentPage"]
    template = "storefront/content_page.html"
    content_panels: ClassVar = [*Page.content_panels, FieldPanel("lead"), FieldPanel("body"), FieldPanel("in_footer")]

    class Meta:
        verbose_name = _("content page")
        verbose_name_plural = _("content pages")


class ShopPage(PublicPageMixin, Page):
    """The page of one shop: address, hours, how to get there."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="pages", verbose_name=_("shop"))
    body = StreamField(STORY_BLOCKS, blank=True, verbose_name=_("body"))

    parent_page_types: ClassVar = ["storefront.HomePage"]
    subpage_types: ClassVar = []
    template = "storefront/shop_page.html"
    content_panels: ClassVar = [*Page.content_panels, FieldPanel("shop"), FieldPanel("body")]

    class Meta:
        verbose_name = _("shop page")
        verbose_name_plural = _("shop pages")


def _picture(label: str) -> models.ForeignKey:
    return models.ForeignKey(
        "common.Picture", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=label
    )


def check_accent(text: str) -> None:
    """Refuse anything but a colour written as #2340c4."""
    try:
        parse(text)
    except ValueError as error:
        raise ValidationError(_("Enter a colour as # and six hexadecimal digits, for example #2340c4.")) from error


class ColourInput(TextInput):
    """The browser's own colour picker."""

    input_type = "color"


@register_setting(icon="home")
class Identity(BaseGenericSetting):
    """The name, contact and small print of this site."""

    name = models.CharField(_("name of the shop"), max_length=60, default="Vitrine")
    tagline = models.CharField(_("tagline"), max_length=120, blank=True)
    contact_email = models.EmailField(_("contact email"), blank=True)
    contact_phone = models.CharField(_("contact phone"), max_length=32, blank=True)
    small_print = models.CharField(_("small print in the footer"), max_length=200, blank=True)
    search_hint = models.CharField(_("hint in the search field"), max_length=60, blank=True)
    logo = _picture(_("logo"))
    logo_dark = _picture(_("logo on dark pages"))
    icon = _picture(_("icon"))
    share_picture = _picture(_("picture for sharing"))
    accent = models.CharField(_("accent colour"), max_length=7, default=DEFAULT_ACCENT, validators=[check_accent])

    panels: ClassVar = [
        "name",
        "tagline",
        "contact_email",
        "contact_phone",
        "small_print",
        "search_hint",
        MultiFieldPanel(
            [
                FieldPanel("logo", help_text=_("Shown in the header in place of the name, 48 pixels high.")),
                FieldPanel("logo_dark", help_text=_("If you leave this empty, the logo is used on dark pages too.")),
                FieldPanel("icon", help_text=_("A square, for the browser's tab and a phone's home screen.")),
                FieldPanel("share_picture", help_text=_("Shown when somebody shares a page, 1200 by 630 pixels.")),
                FieldPanel(
                    "accent",
                    widget=ColourInput,
                    help_text=_("For buttons and links. It is darkened or lightened where text would be hard to read."),
                ),
            ],
            heading=_("Look"),
        ),
    ]

    class Meta:
        verbose_name = _("identity")

    @classmethod
    def current(cls) -> "Identity":
        """Return the identity, or one with the defaults before there is any. Pages are read without a write."""
        return cls.base_queryset().first() or cls()

    def save(self, *args: object, **kwargs: object) -> None:
        """Save the identity and copy its name to the site, as emails are signed with that."""
        is_named = not self._state.adding
        super().save(*args, **kwargs)
        if is_named:
            Site.objects.filter(is_default_site=True).update(site_name=self.name)


def shop_name() -> str:
    """Return the current name of this site: the CMS shows it and asks people to type it."""
    return Identity.current().name


class NightlyCheck(models.Model):
    """One run of all invariants by the worker. `broken` is {id: number of rows}; their rows are told by the command."""

    at = models.DateTimeField(unique=True)
    milliseconds = models.PositiveIntegerField()
    broken = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {'broken' if self.broken else 'ok'}"
