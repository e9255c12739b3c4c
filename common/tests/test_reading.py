"""The values that environment variables may have, reader by reader."""

import pytest

from common import reading
from common.reading import Unreadable

TCP = "redis://127.0.0.1:6379"

GOOD = [
    (reading.flag, "1", True),
    (reading.flag, "Off", False),
    (reading.flag, "", False),
    (reading.whole(1, 200), " 8 ", 8),
    (reading.whole(-5, 5), "-5", -5),
    (reading.choice("", "a"), "", ""),
    (
        reading.listed(reading.host),
        "a.example.com, .example.com,[::1],*",
        ["a.example.com", ".example.com", "[::1]", "*"],
    ),
    (reading.listed(reading.network, may_be_empty=True), "", []),
    (reading.network, "10.0.0.1/8", "10.0.0.1/8"),
    (reading.network, "2001:db8::/32", "2001:db8::/32"),
    (reading.host, "büro.example", "büro.example"),
    (reading.url("http", "https"), "https://shop.example.com:8443/", "https://shop.example.com:8443/"),
    (reading.url("http", "https"), "http://[::1]:8000", "http://[::1]:8000"),
    (reading.url("http", has_path=True), "http://a.example/x/", "http://a.example/x/"),
    (reading.database, "postgres://u:p%40ss@/shop?host=/run/pg", "postgres://u:p%40ss@/shop?host=/run/pg"),
    (reading.database, "sqlite:///var/db.sqlite3", "sqlite:///var/db.sqlite3"),
    (reading.redis, "", ""),
    (reading.redis, f"{TCP}/1", f"{TCP}/1"),
    (reading.redis, "unix:///run/redis.sock?db=1", "unix:///run/redis.sock?db=1"),
    (
        reading.mail_server,
        "smtp+tls://me%40a.example:p@mail.example:587",
        "smtp+tls://me%40a.example:p@mail.example:587",
    ),
    (reading.mail_server, "filemail:///tmp/mail", "filemail:///tmp/mail"),
    (reading.importable, "", ""),
    (reading.importable, "django.core.mail.backends.smtp.EmailBackend", "django.core.mail.backends.smtp.EmailBackend"),
    (reading.sender, "shop@localhost", "shop@localhost"),
    (reading.sender, "Corner Shop <shop@example.com>", "Corner Shop <shop@example.com>"),
    (reading.currency, "HUF", "HUF"),
    (reading.language, "pt-br", "pt-br"),
    (reading.time_zone, "Europe/Amsterdam", "Europe/Amsterdam"),
    (reading.phone_region, "NL", "NL"),
    (reading.owner, "anna@example.com:a:b", "anna@example.com:a:b"),
]

WHOLE = "Write a whole number from 1 to 200."
ADDRESS = "Write an address such as https://shop.example.com."
DATABASE = "Write postgres://user:password@host:5432/name or sqlite:////full/path/db.sqlite3."
NO_HOST = "is not a host name. Write no scheme and no port: shop.example.com."
SQUARE = "It is not a URL: look at the port, and write %23, %2F, %3A and %40 for # / : @."
SMTP = "Write smtp+tls://user:password@host:587, with %40 for an @ in the user."
NO_CLASS = "There is no such class to import."
SENDER = "Write shop@example.com or Corner Shop <shop@example.com>."
OWNER = (
    "Write each owner as Name <email>:password, separated by commas; owners whose passwords have commas go into a "
    "file, one a line, which STORE_OWNERS_FILE names."
)

BAD = [
    (reading.flag, "ture", "Write 1 or 0."),
    (reading.whole(1, 200), "", WHOLE),
    (reading.whole(1, 200), "0", WHOLE),
    (reading.whole(1, 200), "201", WHOLE),
    (reading.whole(1, 200), "8.5", WHOLE),
    (reading.whole(1, 200), "٨", WHOLE),
    (reading.whole(1, 200), "9" * 5000, WHOLE),
    (reading.choice("", "a", "b"), "c", "'c' is not one of: a, b."),
    (reading.listed(reading.text), ",", "Write at least one, separated by commas."),
    (reading.listed(reading.text), "a,a", "It names the same one twice."),
    (reading.host, "https://a.example", f"'https://a.example' {NO_HOST}"),
    (reading.host, "a.example:80", f"'a.example:80' {NO_HOST}"),
    (reading.network, "proxy", "'proxy' is not an address or a network. Write 10.0.0.5 or 10.0.0.0/8."),
    (reading.network, "10.0.0.0/99", "'10.0.0.0/99' is not an address or a network. Write 10.0.0.5 or 10.0.0.0/8."),
    (reading.url("http", "https"), "shop.example.com", ADDRESS),
    (reading.url("http", "https"), "ftp://shop.example.com", ADDRESS),
    (reading.url("http", "https"), "https://", ADDRESS),
    (reading.url("http", "https"), "https://shop.example.com/shop/", ADDRESS),
    (reading.url("http", "https"), "https://me@shop.example.com", ADDRESS),
    (reading.url("http", "https"), "https://shop.example.com:99999", SQUARE),
    (reading.url("http", "https"), "https://a b", f"'a b' {NO_HOST}"),
    (reading.database, "mysql://u:p@h/shop", DATABASE),
    (reading.database, "", DATABASE),
    (reading.database, "postgres://u:p#q@h/shop", SQUARE),
    (reading.database, "postgres://u:p@h:five/shop", SQUARE),
    (reading.database, "postgres://u:p@h", "It names no database. Write postgres://user:password@host:5432/name."),
    (reading.database, "sqlite://", "It names no file. Write sqlite:////full/path/db.sqlite3."),
    (reading.redis, "127.0.0.1:6379", "Write redis://host:6379/0."),
    (reading.redis, "http://127.0.0.1", "Write redis://host:6379/0."),
    (reading.redis, f"{TCP}/shop", "The database of Redis is a number: redis://host:6379/0."),
    (reading.mail_server, "mail.example", SMTP),
    (reading.mail_server, "smtp://", SMTP),
    (reading.mail_server, "filemail://", SMTP),
    (reading.mail_server, "smtp://me:p@h:smtp", SQUARE),
    (reading.importable, "no.such.module.Backend", NO_CLASS),
    (reading.importable, "smtp", NO_CLASS),
    (reading.sender, "shop", SENDER),
    (reading.sender, "shop@", SENDER),
    (reading.sender, "a@b@c.example", SENDER),
    (reading.sender, "Shop <a@b.example>\nBcc: x@y.example", SENDER),
    (reading.currency, "eur", "Write it in capitals: EUR."),
    (reading.currency, "KWD", "Amounts in KWD have more than two decimals, which this shop cannot keep."),
    (reading.language, "xx", "'xx' is not the code of a language. Write en, ru or pt-br."),
    (reading.language, "EN", "'EN' is not the code of a language. Write en, ru or pt-br."),
    (reading.time_zone, "Amsterdam", "Write a name such as Europe/Amsterdam (IANA time zones)."),
    (reading.phone_region, "nl", "Write the two capital letters of a country, for example NL."),
    (reading.owner, "anna@example.com", OWNER),
    (reading.owner, "anna:secret", OWNER),
]  # fmt: skip


@pytest.mark.parametrize(("read", "value", "means"), GOOD)
def test_a_value_is_read_as(read, value, means):
    assert read(value) == means


@pytest.mark.parametrize(("read", "value", "sentence"), BAD)
def test_an_invalid_value_is_refused_with_a_hint(read, value, sentence):
    with pytest.raises(Unreadable) as refusal:
        read(value)

    assert str(refusal.value) == sentence


def test_redis_without_its_package_is_refused(monkeypatch):
    monkeypatch.setattr("common.reading.importlib.util.find_spec", lambda name: None)

    with pytest.raises(Unreadable, match="pip install -r requirements-production"):
        reading.redis(TCP)


def test_a_folder_need_not_exist_yet(tmp_path):
    assert reading.folder(str(tmp_path / "var" / "shop")) == tmp_path / "var" / "shop"


def test_a_folder_inside_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(Unreadable, match=r"file is not a folder\.$"):
        reading.folder(str(tmp_path / "file" / "var"))


def test_a_read_only_folder_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("common.reading.os.access", lambda path, mode: path != tmp_path)

    with pytest.raises(Unreadable, match=r"^This process cannot write to .+\.$"):
        reading.folder(str(tmp_path / "var"))
