"""Home, catalogue and product index, in every language, and the site they belong to."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.models import Locale, Page, Site

from products.models import CataloguePage, CategoryPage, ProductIndexPage
from storefront.models import HomePage


def make_root_pages() -> HomePage:
    """Create whichever of home, catalogue and product index is missing; return the default language's home.

    Existing pages are left alone. Home, catalogue and categories are translated into every language of the
    site: a translated product needs its parent to exist.
    """
    default = _locales()[0]
    home = HomePage.objects.filter(locale=default).order_by("path").first() or _make_home(default)
    with override(default.language_code):
        catalogue = _child(home, CataloguePage, title=_("Catalogue"), slug="catalogue")
        index = _child(home, ProductIndexPage, title=_("Products"), slug="products")
    make_site(home)
    categories = list(CategoryPage.objects.descendant_of(catalogue).filter(locale=default).order_by("path"))
    for locale in _locales()[1:]:
        for page in [home, catalogue, index, *categories]:
            _translate(page, locale)
    return home


def make_site(home: HomePage) -> Site:
    """Point the default site at `home` and at the address in SITE_URL."""
    address = urlsplit(settings.SITE_URL)
    port = address.port or (443 if address.scheme == "https" else 80)
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    wanted = (address.hostname, port, home.pk)
    if (site.hostname, site.port, site.root_page_id) != wanted:
        site.hostname, site.port, site.root_page_id = wanted
        site.save()
    return site


def _locales() -> list[Locale]:
    codes = [code for code, _name in settings.LANGUAGES]
    codes.sort(key=lambda code: code != settings.LANGUAGE_CODE)
    return [Locale.objects.get_or_create(language_code=code)[0] for code in codes]


def _make_home(locale: Locale) -> HomePage:
    root = Page.get_first_root_node()
    welcome = root.get_children().filter(slug="home").first()
    if welcome is not None and welcome.specific_class is Page:
        # Wagtail's own first page; its site is pointed at ours afterwards.
        welcome.slug = "wagtail-welcome"
        welcome.save()
    home = HomePage(title=_("Home"), slug="home", locale=locale, show_in_menus=True)
    root.add_child(instance=home)
    home.save_revision().publish()
    if welcome is not None and welcome.specific_class is Page:
        make_site(home)
        Page.objects.get(pk=welcome.pk).delete()
        home.refresh_from_db()
    return home


def _child(home: HomePage, model: type[Page], title: str, slug: str) -> Page:
    page = model.objects.child_of(home).first()
    if page is None:
        page = model(title=title, slug=slug, locale=home.locale)
        home.add_child(instance=page)
        page.save_revision().publish()
        home.refresh_from_db()
    return page


def _translate(page: Page, locale: Locale) -> None:
    if not page.has_translation(locale):
        copy = page.copy_for_translation(locale, exclude_fields=["url_path"])
        with override(locale.language_code):
            copy.title = _title(page)
        copy.save_revision().publish()


def _title(page: Page) -> str:
    """Return our own title in the active language; one written by an editor is left to the translators."""
    ours = {HomePage: ("Home", _("Home")), CataloguePage: ("Catalogue", _("Catalogue"))}
    ours[ProductIndexPage] = ("Products", _("Products"))
    english, translated = ours.get(page.specific_class, ("", ""))
    return translated if page.title == english else page.title
