"""Parts that scripts redraw in place: the scroll position and the focus are kept."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.looks import check
from tests.browser.steps import PLACED, buy

SIZES = {"390": PHONE, "1280": DESK}
FAR = 50
"""The tolerance in px of the scroll position after Back."""
COLOURS = "(({ backgroundColor, color }) => [backgroundColor, color])(getComputedStyle(document.body))"


def put_into_cart(page: Page, code: str, quantity: str) -> None:
    form = {"code": code, "quantity": quantity}
    page.request.post("/cart/add/", form=form, headers={"Sec-Fetch-Site": "same-origin"})


@pytest.mark.parametrize("path", ["/", "/catalogue/"])
@pytest.mark.parametrize("size", SIZES)
def test_back_restores_a_list_that_has_grown(open_page, size, path):
    page = open_page(SIZES[size])
    page.goto(path)
    cards = page.locator(".card")
    first = cards.count()
    page.locator("[data-more] a").click()
    expect(cards).not_to_have_count(first)
    grown = cards.count()
    link = page.locator(".card__title a").nth(grown - 5)
    link.scroll_into_view_if_needed()
    place = page.evaluate("scrollY")

    link.click()
    page.wait_for_url("**/products/**")
    page.go_back()

    expect(cards).to_have_count(grown)
    page.wait_for_load_state("load")
    assert abs(page.evaluate("scrollY") - place) <= FAR


def test_a_filter_keeps_the_focus_and_announces_how_many_products_match(open_page):
    page = open_page(PHONE)
    page.goto("/catalogue/bread/")
    everything = page.locator(".card").count()
    page.locator(".facets-toggle > summary").click()
    wheat = page.locator("input[type=checkbox][name=a_flour][value=wheat]")

    wheat.check()
    page.wait_for_url("**/catalogue/bread/?a_flour=wheat")

    expect(wheat).to_be_focused()
    expect(wheat).to_be_visible()
    expect(page.locator("[data-live]").first).to_have_text(re.compile(r"^\d+ products?$"))
    assert page.locator(".card").count() < everything
    page.go_back()
    expect(page.locator(".card")).to_have_count(everything)
    expect(wheat).not_to_be_checked()


def test_arrow_keys_move_through_the_options(open_page):
    page = open_page(DESK)
    page.goto("/products/zerno-tee/")
    page.locator("[data-option]:checked").focus()

    for size in ("M", "L"):
        page.keyboard.press("ArrowRight")
        page.wait_for_url(f"**/products/zerno-tee/?sku=TEE-{size}")
        expect(page.locator(f"[data-option][value=TEE-{size}]")).to_be_focused()

    page.locator(".buy__go button").click()
    expect(page.get_by_role("dialog").get_by_role("heading", name="Zerno tee")).to_be_visible()


def test_undo_names_the_line_and_returns_the_focus_to_it(open_page):
    page = open_page(PHONE)
    put_into_cart(page, "PRETZEL", "2")
    page.goto("/cart/")

    page.locator("button[name=remove]").click()
    expect(page.locator("[data-undo]")).to_contain_text("Salted pretzel removed.")
    expect(page.locator("#undo")).to_be_focused()
    page.locator("#undo").press("Enter")

    expect(page.locator("#line-page-PRETZEL-n")).to_be_focused()


def test_hours_on_the_product_page_are_current(open_page):
    page = open_page(DESK)

    page.goto("/products/baguette/")

    expect(page.locator("[data-hours-of]").first).to_have_text(re.compile("Open till|Opens"))


def test_a_redrawn_status_page_keeps_open_details_and_the_focus(open_page):
    page = open_page(PHONE)
    page.clock.install()
    buy(page)
    page.wait_for_url(PLACED)
    page.get_by_text("Cancel order").click()
    button = page.get_by_role("button", name="Yes, cancel the order")
    button.focus()

    def change(route: Route) -> None:
        answer = route.fetch(headers={**route.request.headers, "if-none-match": ""})
        route.fulfill(response=answer, body=f"{answer.text()}<p data-drawn>Drawn again</p>")

    page.route("**/live/", change)
    page.clock.run_for(16_000)

    expect(page.locator("[data-drawn]").first).to_be_visible()
    expect(button).to_be_visible()
    expect(button).to_be_focused()


def test_paper_is_white_whatever_the_theme(open_page):
    page = open_page(DESK)
    page.goto("/")
    page.locator("[data-set-theme=dark]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    page.emulate_media(media="print")

    assert page.evaluate(COLOURS) == ["rgb(255, 255, 255)", "rgb(19, 26, 43)"]


def test_a_status_page_says_when_it_gets_no_answers(open_page):
    page = open_page(PHONE)
    page.clock.install()
    buy(page)
    page.wait_for_url(PLACED)
    notice = page.locator("[data-stale]")
    expect(notice).to_be_hidden()

    page.route("**/live/", lambda route: route.abort())
    for _ in range(6):
        page.clock.run_for(15_000)
        page.wait_for_timeout(50)
    expect(notice).to_be_visible()

    page.unroute("**/live/")
    page.clock.run_for(16_000)
    expect(notice).to_be_hidden()


@pytest.mark.parametrize("size", SIZES)
def test_suggestions_can_be_chosen_with_arrow_keys(open_page, size):
    page = open_page(SIZES[size])
    page.goto("/" if size == "1280" else "/search/")
    field = page.get_by_role("combobox")

    field.press_sequentially("br")
    options = page.get_by_role("option")
    expect(options.first).to_have_text("Bread")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.locator("[data-live]").first).to_have_text(re.compile(r"^\d+ suggestions?$"))
    check(page, f"suggestions-{size}", full=False)

    field.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    field.press("ArrowDown")
    expect(page.locator("[aria-selected=true]")).to_have_count(0)
    field.press("Escape")
    expect(options).to_have_count(0)
    expect(field).to_have_value("br")

    field.press_sequentially("e")
    expect(options.first).to_have_text("Bread")
    field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url("**/catalogue/bread/")


def test_a_tap_on_a_suggestion_opens_it(open_page):
    page = open_page(PHONE)
    page.goto("/search/")
    page.get_by_role("combobox").press_sequentially("baguet")

    page.get_by_role("option", name="Baguette").first.click()

    page.wait_for_url("**/products/baguette/")
