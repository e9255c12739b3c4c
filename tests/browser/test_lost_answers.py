"""A lost answer is not a lost request, and visitors stay on the page: one press adds one item, or says why not."""

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.steps import add_from_card, buy, card, number_of, sign_in

NO_ANSWER = "No answer from the shop. Check your connection, then press again: it counts once."
ADD = "**/cart/add/"
SHOPS = ("canal", "market", "station")


def in_cart(page: Page) -> list[str]:
    """Return the quantities of the cart's lines according to the shop."""
    html = page.request.get("/cart/").text()
    return re.findall(r'name="quantity"[^>]*?value="([^"]*)"', html, re.DOTALL)


def lose_answers(page: Page, number: int) -> list[str]:
    """Let the shop handle the posts, but lose its first answers; return the list of posted data."""
    posted = []

    def handle(route: Route) -> None:
        posted.append(route.request.post_data)
        if len(posted) > number:
            route.continue_()
            return
        route.fetch()
        route.abort("connectionreset")

    page.route(ADD, handle)
    return posted


def test_a_request_with_a_lost_answer_is_repeated_and_adds_once(open_page):
    page = open_page(DESK)
    page.goto("/")
    posted = lose_answers(page, 1)

    add_from_card(page, "Baguette")
    page.wait_for_timeout(100)
    expect(card(page, "Baguette").locator("[data-n]")).to_have_text("1")

    assert len(posted) == 2
    assert posted[0] == posted[1]
    assert page.url.endswith("/")


def test_pressing_again_after_no_answer_adds_once(open_page):
    page = open_page(DESK)
    page.goto("/")
    add_from_card(page, "Salted pretzel")
    expect(card(page, "Salted pretzel").locator("[data-n]")).to_have_text("1")
    posted = lose_answers(page, 2)
    more = card(page, "Salted pretzel").locator("[data-more-one]")

    more.click()
    expect(page.locator("[data-live]").first).to_have_text(NO_ANSWER)
    more.click()

    expect(card(page, "Salted pretzel").locator("[data-n]")).to_have_text("2")
    assert len(set(posted)) == 1
    assert in_cart(page) == ["2"]
    more.click()
    expect(card(page, "Salted pretzel").locator("[data-n]")).to_have_text("3")


def test_an_offline_visitor_stays_on_the_page_and_is_told(open_page):
    page = open_page(PHONE)
    page.goto("/products/baguette/")
    page.context.set_offline(True)

    page.locator(".buy__go button").click()

    expect(page.locator("[data-refusal]").first).to_have_text(NO_ANSWER)
    assert page.url.endswith("/products/baguette/")
    page.context.set_offline(False)
    page.locator(".buy__go button").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert in_cart(page) == ["1"]


def test_a_busy_shop_is_asked_once_and_its_message_is_shown(open_page, watch):
    watch.expect(503, "/cart/add/")
    page = open_page(DESK)
    page.goto("/products/baguette/")
    posted = []

    def busy(route: Route) -> None:
        posted.append(route.request.post_data)
        answer = {"code": "busy", "message": "The shop is busy. Try again in a moment."}
        route.fulfill(status=503, json=answer, headers={"Retry-After": "5"})

    page.route(ADD, busy)
    page.locator(".buy__go button").click()

    expect(page.locator("[data-refusal]").first).to_have_text("The shop is busy. Try again in a moment.")
    page.wait_for_timeout(1_500)
    assert len(posted) == 1


def test_a_drawer_that_fails_to_load_adds_nothing_again(open_page):
    page = open_page(DESK)
    page.goto("/products/baguette/")
    page.route("**/cart/drawer/**", lambda route: route.abort())

    page.locator(".buy__go button").click()

    expect(page.locator("[data-cart-count]")).to_have_text("1")
    assert page.url.endswith("/products/baguette/")
    assert in_cart(page) == ["1"]


def test_a_line_of_the_cart_is_changed_although_the_answer_was_lost(open_page):
    page = open_page(DESK)
    page.goto("/")
    add_from_card(page, "Baguette")
    expect(page.locator("[data-cart-count]")).to_have_text("1")
    page.goto("/cart/")
    page.route("**/cart/update/", lambda route: route.abort())

    page.locator("[data-stepper] [data-by='1']").click()
    expect(page.locator("[data-line] [data-refusal]")).to_have_text(NO_ANSWER)
    page.unroute("**/cart/update/")
    page.locator("[data-stepper] [data-by='1']").click()

    expect(page.locator("[data-cart-sum]").first).not_to_have_text("")
    expect(page.locator("[data-line] [data-refusal]")).to_be_hidden()
    assert in_cart(page) == ["3"]


def test_the_page_says_if_a_shop_cannot_be_chosen(open_page):
    page = open_page(DESK)
    page.goto("/")
    page.route("**/choose-shop/", lambda route: route.abort())
    page.locator(".picker > summary").click()

    page.locator(".picker__shop[value=market]").click()

    expect(page.locator("[data-live]").first).to_have_text(NO_ANSWER)
    assert page.url.endswith("/")


def test_the_board_reports_a_missing_answer_and_moves_the_order_once(open_page):
    buyer, board = open_page(DESK), open_page(DESK)
    buy(buyer)
    number = number_of(buyer)
    sign_in(board, "employee", "/accounts/login/?next=/staff/")
    board.goto("/staff/?shop=canal")
    ticket = board.locator(f"[data-ticket='{number}']")
    posted = []

    def lose(route: Route) -> None:
        posted.append(route.request.url)
        route.fetch(max_redirects=0)
        route.abort("connectionreset")

    board.route("**/step/", lose)

    ticket.locator("[data-next]").click()

    expect(board.locator(".board__notice")).to_contain_text("No answer.")
    expect(board.locator("section[data-col=preparing]").locator(f"[data-ticket='{number}']")).to_be_visible()
    assert len(posted) == 1


def test_cards_show_what_is_in_the_cart(open_page):
    page = open_page(DESK)
    page.goto("/")
    add_from_card(page, "Baguette")
    expect(card(page, "Baguette").locator("[data-n]")).to_have_text("1")

    page.goto("/catalogue/bread/")
    expect(card(page, "Baguette").locator(".stepper")).to_be_visible()
    expect(card(page, "Baguette").locator("[data-when=zero]")).to_be_hidden()
    page.reload()
    expect(card(page, "Baguette").locator("[data-n]")).to_have_text("1")

    page.goto("/cart/")
    page.get_by_role("button", name="Remove Baguette").click()
    expect(page.locator("[data-undo]")).to_be_visible()
    page.go_back()
    expect(card(page, "Baguette").get_by_role("button", name="Add")).to_be_visible()
    expect(card(page, "Baguette").locator(".stepper")).to_be_hidden()
    expect(page.locator("[data-cart-count]")).to_have_text("")


def test_pressing_load_more_twice_loads_once(open_page):
    page = open_page(DESK)
    page.goto("/catalogue/")
    first = page.locator(".card").count()

    page.locator("[data-more] a").evaluate("link => { link.click(); link.click(); }")
    expect(page.locator(".card")).not_to_have_count(first)
    page.wait_for_load_state("networkidle")

    links = page.locator(".card__title a").evaluate_all("links => links.map((link) => link.href)")
    assert len(links) == len(set(links))


def test_a_paused_shop_says_so_before_the_checkout(open_page):
    owner, page = open_page(DESK), open_page(DESK)
    sign_in(owner, "owner")
    page.goto("/")
    add_from_card(page, "Baguette")
    expect(page.locator("[data-cart-count]")).to_have_text("1")
    try:
        for shop in SHOPS:
            set_pause(owner, shop, 0)

        page.goto("/products/baguette/")
        for shop in SHOPS:
            expect(page.locator(f"[data-row-of='{shop}']")).to_contain_text(
                re.compile(r"No orders until (\w+ )?\d?\d:\d\d")
            )
        page.goto("/cart/")
        expect(page.get_by_role("link", name="Check out")).to_have_count(0)
        expect(page.locator("aside")).to_contain_text("No shop takes orders at the moment.")
    finally:
        for shop in SHOPS:
            set_pause(owner, shop, "resume")
    page.goto("/cart/")
    expect(page.get_by_role("link", name="Check out")).to_be_visible()


def set_pause(staff: Page, shop: str, how: int | str) -> None:
    """Press a button in the board's Pause menu, by its position or its value."""
    staff.goto(f"/staff/?shop={shop}")
    staff.locator("[data-menu=pause] > summary").click()
    buttons = staff.locator("[name=pause]")
    (buttons.nth(how) if isinstance(how, int) else staff.locator(f"[name=pause][value='{how}']")).click()
    staff.wait_for_load_state()
