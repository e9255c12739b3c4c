"""The second step of signing in and the page Security, in a real browser: set up by scanning, used, lost, ended."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from accounts.tests.factories import code_of_secret
from tests.browser.looks import check
from tests.browser.site import LiveShop
from tests.browser.test_people import LOOKS, PASSWORD, SCAN, follow, mail_to, sign_in_as


def sign_up(page: Page, shop: LiveShop, address: str) -> None:
    page.goto("/accounts/signup/")
    for name, value in {"name": "Mira Sato", "email": address, "password1": PASSWORD}.items():
        page.locator(f"input[name='{name}']").fill(value)
    page.get_by_role("button", name="Create").click()
    follow(page, shop, address, "confirm it")
    page.get_by_role("button", name="Yes, confirm").click()


def enter(page: Page, code: str, button: str) -> None:
    page.locator("input[name=code]").fill(code)
    page.get_by_role("button", name=button).click()


@pytest.mark.parametrize(("theme", "desk", "pocket"), LOOKS)
def test_a_second_step_is_set_up_used_and_ended(open_page, shop, theme, desk, pocket):
    page, phone = open_page(desk, theme), open_page(pocket, theme)
    address, look = f"mira-{theme}@example.com", f"{theme}-{desk[0]}"
    sign_up(page, shop, address)
    sign_in_as(page, address)
    sign_in_as(phone, address)
    page.goto("/account/security/")
    expect(page.get_by_text("This device")).to_be_visible()
    check(page, f"security-{look}")

    page.get_by_role("link", name="Second step").click()
    check(page, f"second-step-off-{look}")
    page.get_by_role("link", name="Set it up").click()
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    check(page, f"second-step-scan-{look}")
    secret = parse_qs(urlsplit(page.locator(".qr svg").evaluate(SCAN)).query)["secret"][0]
    enter(page, "000000", "Turn it on")
    check(page, f"second-step-error-{look}")
    enter(page, code_of_secret(secret), "Turn it on")

    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    check(page, f"recovery-codes-{look}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as a file").click()
    codes = re.findall(r"^\d{8}$", Path(download.value.path()).read_text(), re.MULTILINE)
    assert len(codes) == 10
    page.get_by_role("button", name="I have kept them").click()
    check(page, f"second-step-on-{look}")
    assert "asks for a code" in mail_to(shop, address, "asks for a code")

    # The phone was signed in without a code, so it has to begin again.
    phone.goto("/account/security/")
    phone.locator("input[name=login]").fill(address)
    phone.locator("input[name=password]").fill(PASSWORD)
    phone.get_by_role("button", name="Sign in", exact=True).click()
    check(phone, f"code-{theme}-{pocket[0]}")
    enter(phone, "000000", "Continue")
    check(phone, f"code-error-{theme}-{pocket[0]}")
    enter(phone, code_of_secret(secret, steps=1), "Continue")
    expect(phone.get_by_role("heading", name="Security")).to_be_visible()
    check(phone, f"security-two-{theme}-{pocket[0]}")
    phone.get_by_role("button", name="Sign out everywhere else").click()
    expect(phone.get_by_text("1 session has ended.")).to_be_visible()

    # The app is lost: a recovery code.
    page.goto("/accounts/2fa/")
    page.locator("input[name=login]").fill(address)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    enter(page, codes[0], "Continue")
    expect(page.get_by_text("9 are left")).to_be_visible()
    page.get_by_role("link", name="Turn it off").click()
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    check(page, f"second-step-turn-off-{look}")
    page.get_by_role("button", name="Turn it off").click()
    expect(page.get_by_text("The second step is off.")).to_be_visible()
