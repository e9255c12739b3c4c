"""Answers after a post."""

import pytest

from common.http import client_network, see_other


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("/staff/?col=ready&a=%20b#x", "/staff/?col=ready&a=%20b#x"),
        ("/x\r\nSet-Cookie: a=b", "/x%0D%0ASet-Cookie:%20a=b"),
        ("/ru/catalogue/хлеб/", "/ru/catalogue/%D1%85%D0%BB%D0%B5%D0%B1/"),
    ],
)
def test_a_redirect_is_one_header_of_ascii_characters(url, location):
    response = see_other(url)

    assert response.status_code == 303
    assert response.headers["Location"] == location


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_attempts_are_counted_for_a_customer_and_not_for_each_ip_address(rf, address, counted):
    assert client_network(rf.get("/", REMOTE_ADDR=address)) == counted
