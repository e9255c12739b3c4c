"""Answers after a post."""

import pytest

from common.http import see_other


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("/staff/?col=ready&a=%20b#x", "/staff/?col=ready&a=%20b#x"),
        ("/x\r\nSet-Cookie: a=b", "/x%0D%0ASet-Cookie:%20a=b"),
        ("/ru/catalogue/хлеб/", "/ru/catalogue/%D1%85%D0%BB%D0%B5%D0%B1/"),
    ],
)
def test_a_redirect_is_one_header_of_plain_signs(url, location):
    response = see_other(url)

    assert response.status_code == 303
    assert response.headers["Location"] == location
