"""Log lines contain no secrets and name nobody."""

import logging
import sys

import pytest

from common.logs import MaskingFormatter, mask_secrets


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("GET /orders/AbCd-12_34efGH/ 200", "GET /orders/***/ 200"),
        ("GET /ru/c/ABCDEFGH", "GET /ru/c/***"),
        ("POST /orders/find/ 422", "POST /orders/find/ 422"),
        ("GET /accounts/confirm-email/MQ:1x:y/", "GET /accounts/confirm-email/***/"),
        ("GET /ru/accounts/activate/WzEs:1x:y/ 200", "GET /ru/accounts/activate/***/ 200"),
        ("550 <mila.berg+shop@example.com>: unknown", "550 <***@example.com>: unknown"),
        ("{'o’neil@пример.рф': (550, b'5.1.1')}", "{'o’***@пример.рф': (550, b'5.1.1')}"),
        ("at 12:00 @ the counter", "at 12:00 @ the counter"),
    ],
)
def test_secrets_and_mailboxes_are_masked(text, masked):
    assert mask_secrets(text) == masked


def test_an_error_after_a_message_is_masked_too():
    try:
        raise OSError("mila@example.com refused")
    except OSError:
        record = logging.LogRecord("shop", logging.ERROR, "", 0, "mail to %s", ("m@example.com",), sys.exc_info())

    line = MaskingFormatter("%(message)s").format(record)

    assert "mail to ***@example.com" in line and "OSError: ***@example.com refused" in line
    assert "mila" not in line


def test_every_handler_masks(settings):
    handlers = settings.LOGGING["handlers"].values()

    assert {handler["formatter"] for handler in handlers} == {"line"}
    assert settings.LOGGING["formatters"]["line"]["()"] == "common.logs.MaskingFormatter"
