"""The pages of docs/reference that come from the code."""

import pytest
from django.core.management import CommandError, call_command

from accounts.roles import Right
from storefront.reference_pages import PAGES, render_personal_data, render_rights


def test_the_pages_are_those_of_the_code():
    call_command("reference_pages", "--check")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_differs_is_named(name, tmp_path, settings):
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs/reference").mkdir(parents=True)
    call_command("reference_pages")
    (tmp_path / name).write_text("old")

    with pytest.raises(CommandError, match=name):
        call_command("reference_pages", "--check")


def test_a_new_right_has_its_row(monkeypatch):
    new = Right(frozenset({"courier"}), "staff:board", "deliver")
    monkeypatch.setattr("storefront.reference_pages.RIGHTS", {"orders.deliver": new})

    assert "| deliver |  |  |  | yes |  |  | `orders.deliver` |" in render_rights()


def test_every_app_tells_what_it_keeps():
    page = render_personal_data()

    assert "`accounts.User.email`" in page
    assert "`orders.Order.comment`" in page
