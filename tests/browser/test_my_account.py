"""A customer's account in a real browser, from the sign-up to its end: reset, another address, the data, deletion."""

import json
import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect

from tests.browser.looks import check
from tests.browser.steps import buy
from tests.browser.test_people import LOOKS, PASSWORD, follow, mail_to, sign_in_as
from tests.browser.test_signing_in import sign_up

ANOTHER = "a different long passphrase"


def entered(page, password: str, login: str) -> None:
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(password)
    page.locator("input[name=password]").press("Enter")


def proved(page, password: str) -> None:
    """Type the password again where it is asked for."""
    page.locator("input[name=password]").fill(password)
    page.get_by_role("button", name="Continue").click()


@pytest.mark.parametrize(("theme", "desk", "pocket"), LOOKS)
def test_an_account_from_its_sign_up_to_its_end(open_page, shop, theme, desk, pocket):
    page, address, other = open_page(desk, theme), f"noor-{theme}@example.com", f"noor-{theme}@example.org"
    look = f"{theme}-{desk[0]}"
    sign_up(page, shop, address)
    sign_in_as(page, address)
    buy(page, ("Baguette",), buyer={"phone": "020 555 0143"})
    page.wait_for_url(re.compile(r"/orders/[\w-]{10,}/$"))

    # A forgotten password, asked for on the phone: the browser that knew the old one is out.
    phone = open_page(pocket, theme)
    phone.goto("/accounts/password/reset/")
    phone.locator("input[name=email]").fill(address)
    phone.get_by_role("button", name="Send the link").click()
    follow(phone, shop, address, "for a new password")
    phone.locator("input[name=password1]").fill(ANOTHER)
    phone.get_by_role("button", name="Save the password").click()
    page.goto("/account/")
    expect(page.locator("input[name=password]")).to_be_visible()
    entered(page, PASSWORD, address)
    expect(page.get_by_role("alert").first).to_be_visible()
    entered(page, ANOTHER, address)
    page.wait_for_url(lambda url: "/accounts/login/" not in url)

    # Another address: confirmed there, told to the old one.
    page.goto("/accounts/email/")
    page.locator("input[name=email]").last.fill(other)
    page.get_by_role("button", name="Change the address").click()
    proved(page, ANOTHER)
    expect(page.get_by_text("is not confirmed yet")).to_be_visible()
    check(page, f"email-waits-{look}")
    follow(page, shop, other, "wants to use this address")
    page.get_by_role("button", name="Yes, confirm").click()
    page.goto("/accounts/email/")
    expect(page.locator("main strong").first).to_have_text(other)
    assert other not in mail_to(shop, address, "has another email address now")

    # All that is kept, twice; then nothing.
    page.goto("/account/privacy/")
    check(page, f"privacy-{look}")
    with page.expect_download() as tables:
        page.get_by_role("button", name="Download as tables").click()
        if page.locator("input[name=password]").count():
            proved(page, ANOTHER)
    with ZipFile(Path(tables.value.path())) as found:
        assert any(other in found.read(name).decode() for name in found.namelist())
    page.goto("/account/privacy/")
    with page.expect_download() as whole:
        page.get_by_role("button", name="Download for another program").click()
    assert "Baguette" in json.dumps(json.loads(Path(whole.value.path()).read_text()))
    page.goto("/account/privacy/")
    page.get_by_role("link", name="Delete my account").click()
    page.get_by_role("button", name="Delete my account").click()
    check(page, f"delete-unsure-{look}")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Delete my account").click()
    # The order is under way still.
    check(page, f"delete-refused-{look}")
    page.goto("/account/orders/")
    page.locator(".order-row a").first.click()
    page.get_by_text("Cancel order").click()
    page.get_by_role("button", name="Yes, cancel the order").click()
    page.wait_for_load_state()
    page.goto("/account/privacy/delete/")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Delete my account").click()
    page.wait_for_url("**/account/deleted/")
    check(page, f"deleted-{look}")
    entered(page, ANOTHER, other)
    expect(page.get_by_role("alert").first).to_be_visible()


@pytest.mark.parametrize(("theme", "desk", "pocket"), LOOKS)
def test_an_account_is_taken_back_from_somebody_who_changed_its_address(open_page, shop, theme, desk, pocket):
    thief, owner = open_page(desk, theme), open_page(pocket, theme)
    address, other = f"lena-{theme}@example.com", f"thief-{theme}@example.org"
    sign_up(thief, shop, address)
    sign_in_as(thief, address)
    thief.goto("/accounts/email/")
    thief.locator("input[name=email]").last.fill(other)
    thief.get_by_role("button", name="Change the address").click()
    proved(thief, PASSWORD)
    follow(thief, shop, other, "wants to use this address")
    thief.get_by_role("button", name="Yes, confirm").click()

    follow(owner, shop, address, "has another email address now")
    expect(owner.get_by_text(f"will be {address} again")).to_be_visible()
    check(owner, f"take-back-{theme}-{pocket[0]}")
    owner.get_by_role("button", name="This wasn’t me").click()
    expect(owner.get_by_role("heading", name="Everybody is signed out")).to_be_visible()
    check(owner, f"taken-back-{theme}-{pocket[0]}")
    follow(owner, shop, address, "for a new password")
    owner.locator("input[name=password1]").fill(ANOTHER)
    owner.get_by_role("button", name="Save the password").click()

    thief.goto("/account/")
    expect(thief.locator("input[name=password]")).to_be_visible()
    entered(owner, ANOTHER, address)
    owner.goto("/account/")
    expect(owner.get_by_role("heading", level=1)).to_be_visible()
