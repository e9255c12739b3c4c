"""Whole addresses of the site."""

import pytest

from common.urls import absolute, absolute_path


@pytest.mark.parametrize("site", ["https://shop.example", "https://shop.example/"])
def test_an_address_is_absolute_whether_or_not_the_sites_ends_in_a_slash(settings, site):
    settings.SITE_URL = site

    assert absolute_path("/c/X/") == "https://shop.example/c/X/"
    assert absolute("account_login") == "https://shop.example/accounts/login/"


def test_an_absolute_address_is_left_alone():
    assert absolute_path("https://media.example/a.webp") == "https://media.example/a.webp"
