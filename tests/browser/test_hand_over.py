"""Staff at work: an order arrives, is started, made ready, undone, and handed over by number and by camera."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.camera import write_video
from tests.browser.conftest import ARGUMENTS, DESK, PHONE, chromium, shoot
from tests.browser.steps import buy, number_of, sign_in


@pytest.fixture
def ordered(open_page) -> tuple[Page, str]:
    """Return a customer's phone showing the page of a new order, and the order's number."""
    phone = open_page(PHONE)
    buy(phone, ("Baguette",))
    return phone, number_of(phone)


def ticket(page: Page, number: str):
    """Return the order's ticket on the board."""
    return page.locator(f"[data-ticket='{number}']")


def column(page: Page, status: str, number: str):
    """Return the order's ticket if it is in the column `status`."""
    return page.locator(f"section[data-col='{status}'] [data-ticket='{number}']")


def make_ready(page: Page, number: str) -> None:
    """Start the order on the board and make it ready."""
    page.goto("/staff/?shop=canal")
    ticket(page, number).locator("[data-next]").click()
    expect(column(page, "preparing", number)).to_be_visible()
    column(page, "preparing", number).locator("[data-next]").click()
    expect(column(page, "ready", number)).to_be_visible()


def test_board_and_hand_over_by_number(open_page, ordered):
    _, number = ordered
    page = open_page(DESK)
    sign_in(page, "employee")

    make_ready(page, number)
    shoot(page, "board-ready-1280", full=False)
    page.locator("[data-toast] button").click()
    expect(column(page, "preparing", number)).to_be_visible()
    column(page, "preparing", number).locator("[data-next]").click()
    expect(column(page, "ready", number)).to_be_visible()

    page.locator("#scan").fill(f"{number[:4]} {number[4:]}".lower())
    page.locator("#scan").press("Enter")
    page.wait_for_url(f"**/staff/orders/{number}/**")
    page.get_by_role("link", name="Hand over").first.click()
    expect(page.locator(".scan__word")).to_contain_text("Take")
    shoot(page, "scan-take-1280", full=False)
    page.get_by_role("button", name="Card, hand over").click()
    expect(page.locator(".scan__word")).to_have_text("Handed over")
    shoot(page, "scan-done-1280", full=False)

    page.goto(f"/staff/orders/{number}/hand-over/")
    expect(page.locator(".scan__word")).to_have_text("Already collected")
    page.goto("/staff/?shop=canal")
    expect(ticket(page, number)).to_have_count(0)


def test_hand_over_by_typed_number_at_the_scanner(open_page, ordered):
    _, number = ordered
    page = open_page(PHONE)
    sign_in(page, "employee")
    page.goto("/staff/scan/")

    page.locator("#scan").fill(number)
    page.locator("#scan").press("Enter")
    expect(page.locator(".scan__word")).to_have_text("Not ready yet")
    shoot(page, "scan-not-ready-390", full=False)


def test_a_hand_scanner_types_wherever_the_cursor_is(open_page, ordered):
    _, number = ordered
    page = open_page(DESK)
    sign_in(page, "employee")
    page.goto("/staff/scan/")
    page.locator("h1").click()

    page.keyboard.type(number)
    page.keyboard.press("Enter")

    expect(page.locator(".scan__word")).to_have_text("Not ready yet")


def test_hand_over_by_camera(playwright_driver, shop, ordered, open_page, tmp_path):
    phone, number = ordered
    staff = open_page(DESK)
    sign_in(staff, "employee")
    make_ready(staff, number)
    write_video(tmp_path / "phone.y4m", phone.locator(".qr svg").screenshot())

    browser = playwright_driver.chromium.launch(
        executable_path=chromium(),
        args=[
            *ARGUMENTS,
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={tmp_path / 'phone.y4m'}",
        ],
    )
    try:
        context = browser.new_context(
            base_url=shop.url,
            viewport={"width": PHONE[0], "height": PHONE[1]},
            storage_state=staff.context.storage_state(),
        )
        counter = context.new_page()
        counter.goto("/staff/scan/")
        counter.get_by_role("button", name="Start the camera").click()
        counter.wait_for_url("**/c/*/", timeout=30_000)
        expect(counter.locator(".scan__word")).to_contain_text("Take")
        shoot(counter, "camera-take-390", full=False)
        counter.get_by_role("button", name="Cash, hand over").click()
        expect(counter.locator(".scan__word")).to_have_text("Handed over")
        shoot(counter, "camera-done-390", full=False)
    finally:
        browser.close()

    expect(phone.get_by_text("Collected").first).to_be_visible(timeout=60_000)
