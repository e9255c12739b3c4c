"""Actions of a visitor and an employee, one function each, with and without scripts where both are possible."""

import re

from playwright.sync_api import Locator, Page, expect

from accounts.demo import DEMO_ACCOUNTS

PEOPLE = {account.role: account for account in DEMO_ACCOUNTS}
BUYER = {"name": "Mila Berg", "phone": "020 555 0142", "email": "mila@example.com"}
PLACED = re.compile(r"/orders/[\w-]{10,}/$")


def sign_in(page: Page, role: str, path: str = "/accounts/login/") -> None:
    """Sign in as one of the demo's people; end on the page to which they are redirected."""
    page.goto(path)
    page.locator("input[name=login]").fill(PEOPLE[role].email)
    page.locator("input[name=password]").fill(PEOPLE[role].password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def card(page: Page, title: str) -> Locator:
    """Return the card of a product in a list."""
    return page.locator(".card").filter(has=page.get_by_role("link", name=title, exact=True)).first


def add_from_card(page: Page, title: str) -> None:
    """Press Add on a card. With scripts the page stays; without them the cart opens."""
    card(page, title).get_by_role("button", name="Add").click()


def fill_checkout(page: Page, *, shop: str = "canal", pay: str = "on_collection", buyer: dict | None = None) -> None:
    """Fill in the checkout form; an empty `buyer` leaves the buyer's details as they are."""
    page.locator(f"input[name=shop][value='{shop}']").check()
    for name, value in (BUYER if buyer is None else buyer).items():
        page.locator(f"input[name='{name}']").fill(value)
    page.locator(f"input[name=payment_method][value='{pay}']").check()


def place(page: Page) -> None:
    """Press the button at the end of the checkout."""
    page.locator(".paybar button").click()


def buy(
    page: Page,
    titles: tuple[str, ...] = ("Baguette",),
    *,
    pay: str = "on_collection",
    scripts: bool = True,
    buyer: dict[str, str] | None = None,
) -> None:
    """Buy, from the home page to the press of the last button: as a guest, unless `buyer` is known already ({})."""
    for title in titles:
        page.goto("/")
        add_from_card(page, title)
        if scripts:
            expect(card(page, title).locator(".stepper")).to_be_visible()
        else:
            page.wait_for_url("**/cart/**")
    page.goto("/checkout/")
    fill_checkout(page, pay=pay, **({} if buyer is None else {"buyer": buyer}))
    place(page)


def at_the_bank(page: Page, bank_url: str, outcome: str) -> None:
    """Choose an outcome on the bank's hosted page and come back to the status page."""
    page.wait_for_url(f"{bank_url}/**")
    page.locator(f"input[name=outcome][value='{outcome}']").check()
    page.locator("button[value=go]").click()
    page.wait_for_url(PLACED)


def number_of(page: Page) -> str:
    """Return the order's number as shown on the status page, without its gap."""
    page.wait_for_url(PLACED)
    return "".join(page.locator(".plate__code").inner_text().split())
