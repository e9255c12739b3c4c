"""The editor's variants tab: combinations become rows; every save button saves the figures, and none are lost."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK, PHONE, shoot
from tests.browser.steps import sign_in

COLOURS = """
from products.models import Attribute, AttributeValue, ProductPage
colour, made = Attribute.objects.get_or_create(code="colour", defaults={"name": {"en": "Colour"}, "sort_order": 99})
for order, code in enumerate(("red", "blue") if made else ()):
    AttributeValue.objects.create(attribute=colour, code=code, label={"en": code.title()}, sort_order=order)
print(ProductPage.objects.get(slug="zerno-tee").pk)
"""


@pytest.fixture
def tee(shop) -> str:
    """Return the address of the tee's editor, after adding colours to its sizes."""
    number = shop.manage("shell", "--no-imports", "-v0", "-c", COLOURS).split()[-1]
    return f"/admin/pages/{number}/edit/"


def open_tab(page: Page, address: str) -> Locator:
    """Open the tab in the page's editor; return its combinations section."""
    page.goto(address)
    page.get_by_role("tab", name="Variants, prices and stock").click()
    return page.locator("[data-combine]")


def articles(page: Page) -> list[str]:
    """Return the articles in the order in which the table shows them."""
    fields = page.locator("[data-variant-list] [data-field=code]")
    return [field.input_value() for field in fields.all()]


def tick(box: Locator, *values: str) -> None:
    for value in values:
        box.get_by_label(value, exact=True).check()


def is_focused(page: Page, article: str) -> bool:
    return (
        page.evaluate("document.activeElement.dataset.field + ' ' + document.activeElement.value") == f"code {article}"
    )


def test_combinations_become_rows_and_the_tab_saves_them(open_page, tee):
    page = open_page(DESK)
    sign_in(page, "owner")
    box = open_tab(page, tee)
    before = articles(page)
    status, count = page.locator("[data-variants-status]"), box.locator("[data-combine-count]")

    box.locator("summary").click()
    expect(box.get_by_label("Articles begin with")).to_have_value("TEE")
    expect(box.get_by_label("Price of each")).to_have_value("28.00")
    tick(box, "S")
    expect(count).to_have_text("1 variant, 1 is here already")
    box.get_by_role("button", name="Add rows").click()
    expect(status).to_have_text("All of them are here already.")
    tick(box, "M", "Red", "Blue")
    expect(count).to_have_text("4 variants")
    box.scroll_into_view_if_needed()
    shoot(page, "combinations-1280", full=False)

    box.get_by_role("button", name="Add rows").click()
    made = ["TEE-S-RED", "TEE-S-BLUE", "TEE-M-RED", "TEE-M-BLUE"]
    assert articles(page) == [*before, *made]
    assert is_focused(page, made[0])
    expect(status).to_have_text("4 rows were added. Nothing is saved yet.")
    expect(count).to_have_text("4 variants, 4 are here already")
    row = page.locator("[data-variant][data-key=new-4]")
    expect(row.get_by_label("Colour")).to_be_visible()
    assert [row.locator(f"[data-field='{name}']").input_value() for name in ("price", "step")] == ["28.00", "1"]
    chosen = [row.get_by_label(name).locator(":checked").text_content().strip() for name in ("Size", "Colour")]
    assert chosen == ["M", "Blue"]
    page.locator("[data-variant][data-key=new-1]").scroll_into_view_if_needed()
    shoot(page, "combinations-rows-1280", full=False)

    page.get_by_role("button", name="Save variants, prices and stock").click()
    expect(status).to_have_text(re.compile(r"^Saved\. "))
    box = open_tab(page, tee)
    assert articles(page) == [*before, *made]
    box.locator("summary").click()
    tick(box, "S", "L", "Red")
    expect(box.locator("[data-combine-count]")).to_have_text("2 variants, 1 is here already")


def test_combinations_by_keyboard_on_a_phone(open_page, tee):
    """Enter in a field adds rows without saving; no two rows get the same article."""
    page = open_page(PHONE)
    sign_in(page, "owner")
    box = open_tab(page, tee)
    before = articles(page)

    box.locator("summary").focus()
    page.keyboard.press("Enter")
    for value in ("250 g", "1 kg"):
        box.get_by_label(value, exact=True).focus()
        page.keyboard.press("Space")
    beginning, price = box.get_by_label("Articles begin with"), box.get_by_label("Price of each")
    beginning.fill("чай")
    price.fill("")
    price.press("Enter")
    expect(beginning).to_have_attribute("aria-invalid", "true")
    expect(price).to_have_attribute("aria-invalid", "true")
    expect(beginning).to_be_focused()
    box.get_by_role("button", name="Add rows").scroll_into_view_if_needed()
    shoot(page, "combinations-390", full=False)
    beginning.fill("tee-s-")
    price.fill("30,5")
    price.press("Enter")
    assert articles(page) == [*before, "TEE-S-W250", "TEE-S-W1000"]
    assert is_focused(page, "TEE-S-W250")
    expect(page.locator("[data-variants-status]")).to_have_text("2 rows were added. Nothing is saved yet.")
    expect(page.locator("[data-variant-list] [data-id='']")).to_have_count(2)
    expect(box.locator("[aria-invalid]")).to_have_count(0)
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(sideways) <= 0

    page.locator("[data-variant-list] [data-variant]").last.get_by_label("Weight").select_option("")
    price.press("Enter")
    assert articles(page)[-2:] == ["TEE-S-W1000", "TEE-S-W1000-2"]
    page.locator("[data-variants-status]").scroll_into_view_if_needed()
    shoot(page, "combinations-rows-390", full=False)
    beginning.fill("")
    tick(box, "Light")
    price.press("Enter")
    assert articles(page)[-2:] == ["", ""]


def test_too_many_combinations_are_refused_and_thirty_variants_warn(open_page, tee):
    page = open_page(DESK)
    sign_in(page, "owner")
    box = open_tab(page, tee)
    before = articles(page)
    status, warning = page.locator("[data-variants-status]"), page.locator("[data-variants-long]")
    box.locator("summary").click()

    for field in box.locator("input[type=checkbox]").all():
        field.check()
    sentence = "More than 100 new rows at once are too many. Tick fewer values, or save the new rows first."
    expect(box.locator("[data-combine-count]")).to_have_text(sentence)
    box.get_by_role("button", name="Add rows").click()
    expect(status).to_have_text(sentence)
    assert articles(page) == before

    for field in box.locator("input[type=checkbox]").all():
        field.uncheck()
    expect(warning).to_be_hidden()
    tick(box, "S", "M", "L", "XL", "Light", "Medium", "Dark", "Cow", "Goat", "Sheep")
    box.get_by_role("button", name="Add rows").click()
    assert len(articles(page)) == len(before) + 36
    expect(warning).to_have_text(re.compile(rf"^There are {len(before) + 36} variants\."))


def test_a_product_without_options_can_get_combinations(open_page, shop):
    """The variant without options is ticked as archived; if kept on sale, its row is refused and no input is lost."""
    page = open_page(DESK)
    sign_in(page, "owner")
    add_quickly(page, "Corner roll")
    page.get_by_role("link", name="Edit", exact=True).first.click()
    box = open_tab(page, page.url)
    status, plain = page.locator("[data-variants-status]"), page.locator("[data-variant]").first
    box.locator("summary").click()
    tick(box, "S", "M")
    box.get_by_role("button", name="Add rows").click()
    expect(status).to_have_text(
        "2 rows were added. Nothing is saved yet. "
        "The variant without options is ticked as archived, because buyers choose by options."
    )
    expect(plain.get_by_label("Archived")).to_be_checked()

    plain.get_by_label("Archived").uncheck()
    page.get_by_role("button", name="Save variants, prices and stock").click()
    expect(status).to_have_text("Nothing was saved. Please look at the marked fields.")
    sentence = "Give it options or archive it: buyers choose among variants with options."
    expect(plain.locator(".z-field__error")).to_have_text(sentence)
    assert articles(page) == ["CORNER-ROLL", "CORNER-S", "CORNER-M"]

    plain.get_by_label("Archived").check()
    page.get_by_role("button", name="Save variants, prices and stock").click()
    expect(status).to_have_text(re.compile(r"^Saved\. "))
    assert articles(page) == ["CORNER-S", "CORNER-M"]
    legends = page.locator("[data-variant-list] legend")
    assert [legend.inner_text() for legend in legends.all()] == ["S CORNER-S", "M CORNER-M"]


PRICES = """
from products.models import Price
for amount in Price.objects.filter(sku__code="{article}").order_by("pk").values_list("amount", flat=True):
    print(f"{{amount:.2f}}", end=" ")
"""
TITLE = "from products.models import ProductPage; print(ProductPage.objects.get(product__skus__code='{article}').title)"
RAISE = """
from decimal import Decimal
from common import clock
from common.actors import WORKER
from products.models import Sku
from products.services.prices import set_price
sku = Sku.objects.get(code="{article}")
set_price(sku_id=sku.pk, amount=Decimal(8), starts_at=None, source="grid", actor=WORKER, at=clock.now())
"""


def ask(shop, script: str, article: str) -> str:
    """Run a script in the shop's shell; return its output."""
    return shop.manage("shell", "--no-imports", "-v0", "-c", script.format(article=article)).strip()


def open_new(page: Page, name: str) -> Locator:
    """Quick-add a product, open the tab in its editor; return its only variant."""
    sign_in(page, "owner")
    add_quickly(page, name)
    page.get_by_role("link", name="Edit", exact=True).first.click()
    open_tab(page, page.url)
    return page.locator("[data-variant-list] [data-variant]").first


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_keyboard_shortcut_saves_figures_with_the_page_and_stays_on_the_tab(open_page, shop, size):
    page, article = open_page(size), f"SHORT-{size[0]}"
    row = open_new(page, f"Short {size[0]}")
    page.on("dialog", lambda dialog: pytest.fail(f"The browser asked: {dialog.message}"))
    footer = page.locator("[data-edit-form] > footer")
    expect(footer).to_be_hidden()
    expect(page.get_by_role("button", name="Save variants, prices and stock")).to_be_in_viewport()

    row.locator("[data-field=price]").fill("2,75")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("has been updated")).to_be_visible()

    expect(row.locator("[data-field=price]")).to_be_visible()
    expect(row.locator("[data-field=price]")).to_have_value("2.75")
    assert ask(shop, PRICES, article) == "2.60 2.75"
    page.get_by_role("tab", name="Content").click()
    expect(footer).to_be_visible()
    expect(page.get_by_role("button", name="Save variants, prices and stock")).to_be_hidden()


def test_publishing_with_a_bad_price_publishes_nothing_and_shows_the_price(open_page, shop):
    page = open_page(DESK)
    row = open_new(page, "Harbour roll")
    price = row.locator("[data-field=price]")
    price.fill("2.7x")
    row.get_by_label("Counted in Canal").fill("12")
    page.get_by_role("tab", name="Content").click()
    page.locator("#id_title").fill("Harbour bun")
    address = page.url

    page.get_by_role("button", name="Publish", exact=True).click()

    expect(row.locator(".z-field__error")).to_have_text("Enter the price as a number, for example 3.90.")
    expect(price).to_be_focused()
    assert (price.input_value(), row.get_by_label("Counted in Canal").input_value()) == ("2.7x", "12")
    assert page.url.split("#")[0] == address.split("#")[0]
    assert (ask(shop, PRICES, "HARBOUR-ROLL"), ask(shop, TITLE, "HARBOUR-ROLL")) == ("2.60", "Harbour roll")

    price.fill("2.70")
    page.locator("[data-variants-publish]").click()
    page.wait_for_url(re.compile(r"/admin/pages/\d+/$"))
    assert (ask(shop, PRICES, "HARBOUR-ROLL"), ask(shop, TITLE, "HARBOUR-ROLL")) == ("2.60 2.70", "Harbour bun")


def test_a_conflict_shows_the_new_figure_and_keeps_what_was_typed(open_page, shop):
    page = open_page(PHONE)
    row = open_new(page, "Windmill roll")
    price, counted = row.locator("[data-field=price]"), row.locator("[data-stock]").first
    price.fill("2.90")
    counted.fill("7")
    ask(shop, RAISE, "WINDMILL-ROLL")

    save = page.get_by_role("button", name="Save variants, prices and stock")
    save.click()
    sentence = "Somebody changed this variant meanwhile. Compare with the new figures, then save again."
    expect(row.locator(".z-field__error")).to_have_text([sentence, "Now: 8.00"])
    expect(price).to_be_focused()
    assert (price.input_value(), counted.input_value()) == ("2.90", "7")
    shoot(page, "variants-conflict-390", full=False)

    save.click()
    expect(page.locator("[data-variants-status]")).to_have_text("Saved. WINDMILL-ROLL: €2.90 each, 7 pc in Canal.")
    assert ask(shop, PRICES, "WINDMILL-ROLL") == "2.60 8.00 2.90"


def add_quickly(page: Page, name: str) -> None:
    """Fill in quick add, including the allergens if the product contains any."""
    page.goto("/admin/products/add/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Category", exact=True).select_option("Pastry")
    page.get_by_label("Price").fill("2.60")
    page.get_by_label("Tax class").select_option("food")
    expect(page.get_by_label("Gluten")).to_be_hidden()
    page.get_by_label("Allergens are listed below").check()
    page.get_by_label("Gluten").check()
    page.get_by_role("button", name="Add and put on sale").click()
    expect(page.get_by_text(f"{name}, €2.60 each, was added; no shop has any yet.")).to_be_visible()
