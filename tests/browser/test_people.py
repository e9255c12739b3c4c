"""People in a real browser: registered at the counter with a scanned code, a phone verified, a courier approved."""

import re
import time
from email import message_from_string, policy

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.looks import check
from tests.browser.site import LiveShop
from tests.browser.steps import sign_in

PASSWORD = "a long enough passphrase"
SECONDS = 20
LOOKS = [("light", DESK, PHONE), ("dark", PHONE, DESK)]
SCAN = """async (svg) => {
  const { default: Scanner } = await import("/static/vendor/qr-scanner/qr-scanner.min.js");
  const image = new Image();
  const text = new XMLSerializer().serializeToString(svg);
  image.src = "data:image/svg+xml," + encodeURIComponent(text.replace("<svg", "<svg width='600' height='600'"));
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 600;
  const pen = canvas.getContext("2d");
  pen.fillStyle = getComputedStyle(svg).backgroundColor;
  pen.fillRect(0, 0, 600, 600);
  pen.drawImage(image, 0, 0);
  return (await Scanner.scanImage(canvas, { returnDetailedScanResult: true })).data;
}"""


def mail_to(shop: LiveShop, address: str, words: str) -> str:
    """Wait for the newest email to this address with these words; return its text."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for text in reversed(shop.mails()):
            message = message_from_string(text.partition("\n" + "-" * 79)[0], policy=policy.default)
            body = message.get_body(("plain",)).get_content()
            if address in str(message["To"]) and words in body:
                return body
        time.sleep(0.2)
    raise AssertionError(f"no email with {words!r}")


def follow(page: Page, shop: LiveShop, address: str, words: str) -> None:
    """Open the first link of the email."""
    page.goto(re.search(rf"{shop.url}(\S+)", mail_to(shop, address, words)).group(1))


def sign_in_as(page: Page, login: str) -> None:
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


@pytest.mark.parametrize(("theme", "desk", "pocket"), LOOKS)
def test_a_customer_is_registered_at_the_counter_and_verifies_the_phone(open_page, shop, theme, desk, pocket):
    counter, phone = open_page(desk, theme), open_page(pocket, theme)
    address, look = f"vera-{theme}@example.com", f"{theme}-{desk[0]}"
    number = "06 12345670" if theme == "light" else "06 12345671"
    sign_in(counter, "employee")
    counter.goto("/staff/customers/new/")
    check(counter, f"counter-new-{look}")
    counter.locator("input[name=name]").fill("Vera Berg")
    counter.locator("input[name=email]").fill(address)
    counter.locator("input[name=phone]").fill(number)
    counter.get_by_role("button", name="Register").click()
    expect(counter.get_by_role("alert")).to_contain_text("Ask the customer")
    check(counter, f"counter-new-errors-{look}")
    counter.locator("input[name=agreed]").check()
    counter.get_by_role("button", name="Register").click()
    check(counter, f"counter-code-{look}")

    phone.goto(counter.locator("svg.newcode").evaluate(SCAN))
    check(phone, f"activate-{theme}-{pocket[0]}")
    phone.locator("input[name=password1]").fill(PASSWORD)
    phone.get_by_role("button", name="Save my password").click()
    follow(phone, shop, address, "confirm it")
    phone.get_by_role("button", name="Yes, confirm").click()
    sign_in_as(phone, address)
    counter.get_by_role("link", name="Look again").click()
    expect(counter.get_by_role("heading", name="The account works")).to_be_visible()

    phone.goto("/account/phone/")
    phone.get_by_role("button", name="Send me a code").click()
    check(phone, f"phone-code-{theme}-{pocket[0]}")
    phone.locator("input[name=code]").fill(texted(shop, number))
    phone.get_by_role("button", name="Check the code").click()
    expect(phone.get_by_text("Your phone number is verified.")).to_be_visible()
    check(phone, f"phone-verified-{theme}-{pocket[0]}")

    counter.goto("/staff/customers/verify-phone/")
    counter.locator("input[name=phone]").fill(number)
    counter.get_by_role("button", name="Look").click()
    expect(counter.locator(".found__row")).to_contain_text("Vera")
    check(counter, f"counter-phone-{look}")


def texted(shop: LiveShop, number: str) -> str:
    """Wait for the code texted to a number."""
    kept, end = "+31" + number.replace(" ", "")[1:], time.monotonic() + SECONDS
    while time.monotonic() < end:
        for path in (shop.var / "sms").glob("*"):
            to, _, text = path.read_text().partition("\n")
            if to == kept and text:
                return text[:6]
        time.sleep(0.2)
    raise AssertionError("no text message")


@pytest.mark.parametrize(("theme", "desk", "pocket"), LOOKS)
def test_a_courier_applies_waits_and_is_approved(open_page, shop, theme, desk, pocket):
    kim, owner = open_page(pocket, theme), open_page(desk, theme)
    address = f"kim-{theme}@example.com"
    kim.goto("/courier/apply/")
    check(kim, f"courier-apply-{theme}-{pocket[0]}")
    for name, value in {"name": f"Kim {theme}", "email": address, "phone": "06 12345672"}.items():
        kim.locator(f"input[name='{name}']").fill(value)
    kim.locator("textarea[name=message]").fill("By cargo bike, at weekends.")
    kim.locator("input[name=password1]").fill(PASSWORD)
    kim.get_by_role("button", name="Send my application").click()
    follow(kim, shop, address, "confirm it")
    kim.get_by_role("button", name="Yes, confirm").click()
    sign_in_as(kim, address)
    expect(kim.get_by_text("The owner reads it and decides.")).to_be_visible()
    check(kim, f"courier-waits-{theme}-{pocket[0]}")

    sign_in(owner, "owner")
    owner.goto("/staff/applications/")
    check(owner, f"applications-{theme}-{desk[0]}")
    row = owner.locator("article").filter(has_text=f"Kim {theme}")
    row.get_by_role("button", name="Refuse").click()
    check(owner, f"applications-error-{theme}-{desk[0]}")
    owner.locator("article").filter(has_text=f"Kim {theme}").get_by_role("button", name="Approve").click()

    assert "has approved your application" in mail_to(shop, address, "approved")
    kim.reload()
    expect(kim.get_by_text("You are one of our couriers.")).to_be_visible()
