"""The demo's home, content and shop pages, its identity and its seller."""

from typing import Any

from django.utils.text import slugify
from wagtail.contrib.settings.models import BaseGenericSetting

from orders.models import SellerSettings
from products.models import CategoryPage
from stock.models import Shop
from storefront.demo.catalogue import load_picture
from storefront.demo.read import read
from storefront.models import ContentPage, HomePage, Identity, ShopPage


def load_content(home: HomePage, categories: dict[str, CategoryPage], shops: list[Shop]) -> None:
    """Fill the home page, create content and shop pages, name the site and its seller."""
    data = read("pages")
    _settings(Identity.load(), data["identity"])
    _settings(SellerSettings.load(), data["seller"])
    _home(home, data["home"], categories)
    for row in data["page"]:
        _content_page(home, row)
    for shop in shops:
        _shop_page(home, shop)


def _settings(settings: BaseGenericSetting, row: dict[str, str]) -> None:
    for name, value in row.items():
        setattr(settings, name, value)
    settings.save()


def _home(home: HomePage, row: dict[str, str], categories: dict[str, CategoryPage]) -> None:
    if home.hero_title:
        return
    home.title = row["title"]
    home.seo_title = f"{row['title']}: {read('pages')['identity']['tagline'].lower()}"
    home.hero_title = row["hero_title"]
    home.hero_text = row["hero_text"]
    home.hero_link_text = row["hero_link_text"]
    home.hero_link_page = categories[row["hero_link"]]
    home.hero_image = load_picture("hero", "Bread, a croissant and a mug of coffee")
    home.save_revision().publish()


def _content_page(home: HomePage, row: dict[str, Any]) -> None:
    if ContentPage.objects.child_of(home).filter(slug=row["slug"]).exists():
        return
    page = ContentPage(title=row["title"], slug=row["slug"], lead=row["lead"], in_footer=row.get("in_footer", False))
    page.body = [_block(block) for block in row["body"]]
    home.add_child(instance=page)
    page.save_revision().publish()


def _block(block: dict[str, Any]) -> tuple[str, Any]:
    if "questions" in block:
        items = [{"question": question, "answer": answer} for question, answer in block["items"]]
        return "questions", {"heading": block["questions"], "items": items}
    if "shop_hours" in block:
        return "shop_hours", None
    name = "heading" if "heading" in block else "text"
    return name, block[name]


def _shop_page(home: HomePage, shop: Shop) -> None:
    if ShopPage.objects.filter(shop=shop).exists():
        return
    page = ShopPage(title=shop.name["en"], slug=slugify(shop.code), shop=shop)
    home.add_child(instance=page)
    page.save_revision().publish()
