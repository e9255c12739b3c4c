"""Readers of environment variables: each returns the value, or raises Unreadable saying what to write.

They run before Django knows its settings. A reader of a value that may hold a password never repeats it.
"""

import importlib.util
import ipaddress
import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import phonenumbers
from django.conf.locale import LANG_INFO

from common import time_zones
from common.money import currency_fault

Reader = Callable[[str], object]

YES = frozenset({"1", "true", "on", "yes", "y", "ok"})
NO = frozenset({"0", "false", "off", "no", "n", ""})
_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?", re.IGNORECASE
)
_OWNER = re.compile(r"(?:([^<>:]*)<([^<>:@\s]+@[^<>:@\s]+)>|([^<>:@\s]+@[^<>:@\s]+))\s*:(.+)", re.DOTALL)


class Unreadable(ValueError):
    """The text cannot be used; `str()` says what to write instead."""


def text(value: str) -> str:
    """Return the text as it is."""
    return value


def begins(*beginnings: str) -> Reader:
    """Return a reader of a secret, or of several with commas, that begin in one of these ways."""

    def read(value: str) -> str:
        if value and not all(part.strip().startswith(beginnings) for part in value.split(",")):
            raise Unreadable(f"It begins with {' or '.join(beginnings)}.")
        return value

    return read


def flag(value: str) -> bool:
    """Read yes or no; nothing means no."""
    word = value.strip().lower()
    if word not in YES | NO:
        raise Unreadable("Write 1 or 0.")
    return word in YES


def whole(lowest: int, highest: int) -> Reader:
    """Return a reader of whole numbers between two bounds."""

    def read(value: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,12}", value.strip()) or not lowest <= int(value) <= highest:
            raise Unreadable(f"Write a whole number from {lowest} to {highest}.")
        return int(value)

    return read


def choice(*allowed: str) -> Reader:
    """Return a reader of one of several words."""

    def read(value: str) -> str:
        if value not in allowed:
            raise Unreadable(f"{value!r} is not one of: {', '.join(word for word in allowed if word)}.")
        return value

    return read


def listed(item: Reader, *, may_be_empty: bool = False) -> Reader:
    """Return a reader of a comma-separated list without duplicates."""

    def read(value: str) -> list[str]:
        parts = [part.strip() for part in value.split(",") if part.strip()]
        if not parts and not may_be_empty:
            raise Unreadable("Write at least one, separated by commas.")
        if len(set(parts)) < len(parts):
            raise Unreadable("It names the same one twice.")
        for part in parts:
            item(part)
        return parts

    return read


def url(*schemes: str, has_path: bool = False) -> Reader:
    """Return a reader of addresses of a site, with a path only if it may have one."""
    example = f"{schemes[-1]}://shop.example.com" + "/path/" * has_path

    def read(value: str) -> str:
        parts = _split(value)
        is_bare = has_path or (parts.path in ("", "/") and not parts.query and not parts.fragment)
        if parts.scheme not in schemes or not parts.hostname or parts.username is not None or not is_bare:
            raise Unreadable(f"Write an address such as {example}.")
        host(f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname)
        return value

    return read


def host(value: str) -> str:
    """Read a host name or an address, as ALLOWED_HOSTS takes it: .example.com stands for every host below it."""
    bare = value.removeprefix(".")
    if value != "*" and not _is_address(bare.strip("[]")) and not _HOST.fullmatch(_ascii(bare)):
        raise Unreadable(f"{value!r} is not a host name. Write no scheme and no port: shop.example.com.")
    return value


def network(value: str) -> str:
    """Read an address, or a network such as 10.0.0.0/8."""
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise Unreadable(f"{value!r} is not an address or a network. Write 10.0.0.5 or 10.0.0.0/8.") from None
    return value


def folder(value: str) -> Path:
    """Read a folder that can be written to, or made."""
    path = Path(value).resolve() if value else Path.cwd()
    there = next(parent for parent in (path, *path.parents) if parent.exists())
    if not there.is_dir():
        raise Unreadable(f"{there} is not a folder.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise Unreadable(f"This process cannot write to {there}.")
    return path


def file(value: str) -> str:
    """Read the path of a file. It need not be there: a file with passwords is thrown away once it was read."""
    if value and Path(value).exists() and not (Path(value).is_file() and os.access(value, os.R_OK)):
        raise Unreadable("It is no file, or this process may not read it.")
    return value


def database(value: str) -> str:
    """Read where the database is: PostgreSQL, or a file of SQLite."""
    parts = _split(value)
    if parts.scheme in ("postgres", "postgresql", "psql", "pgsql"):
        if parts.path in ("", "/"):
            raise Unreadable("It names no database. Write postgres://user:password@host:5432/name.")
    elif parts.scheme == "sqlite":
        if value != "sqlite://:memory:" and parts.path in ("", "/"):
            raise Unreadable("It names no file. Write sqlite:////full/path/db.sqlite3.")
    else:
        raise Unreadable("Write postgres://user:password@host:5432/name or sqlite:////full/path/db.sqlite3.")
    return value


def redis(value: str) -> str:
    """Read where Redis is; nothing means that there is no Redis."""
    if not value:
        return value
    parts = _split(value)
    has_place = parts.path if parts.scheme == "unix" else parts.hostname
    if parts.scheme not in ("redis", "rediss", "unix") or not has_place:
        raise Unreadable("Write redis://host:6379/0.")
    if parts.scheme != "unix" and not re.fullmatch(r"(/[0-9]{0,4})?", parts.path):
        raise Unreadable("The database of Redis is a number: redis://host:6379/0.")
    if importlib.util.find_spec("redis") is None:
        raise Unreadable("Redis needs a package: pip install -r requirements-production.txt.")
    return value


def mail_server(value: str) -> str:
    """Read where emails go."""
    parts = _split(value)
    if parts.scheme in ("consolemail", "memorymail", "dummymail") or (parts.scheme == "filemail" and parts.path):
        return value
    if parts.scheme not in ("smtp", "smtps", "smtp+tls", "smtp+ssl") or not parts.hostname:
        raise Unreadable("Write smtp+tls://user:password@host:587, with %40 for an @ in the user.")
    return value


def importable(value: str) -> str:
    """Read the dotted name of a class; nothing means the usual one."""
    module, _, name = value.rpartition(".")
    try:
        found = not value or (name.isidentifier() and importlib.util.find_spec(module) is not None)
    except (ImportError, ValueError):
        found = False
    if not found:
        raise Unreadable("There is no such class to import.")
    return value


def sender(value: str) -> str:
    """Read the address that emails come from, with or without a name: Corner Shop <shop@example.com>."""
    address = re.fullmatch(r"[^<>\r\n]*<([^<>\s]+)>|([^<>\s]+)", value.strip())
    local, _, domain = (address[1] or address[2]).rpartition("@") if address else ("", "", "")
    if not local or "@" in local or not _HOST.fullmatch(_ascii(domain)):
        raise Unreadable("Write shop@example.com or Corner Shop <shop@example.com>.")
    return value


def currency(value: str) -> str:
    """Read the code of a currency whose decimals we can keep."""
    fault = currency_fault(value)
    if fault:
        raise Unreadable(fault)
    return value


def language(value: str) -> str:
    """Read the code of a language that Django knows, as it stands in addresses: en, pt-br, zh-hans."""
    if value not in LANG_INFO or "code" not in LANG_INFO[value]:
        raise Unreadable(f"{value!r} is not the code of a language. Write en, ru or pt-br.")
    return value


def time_zone(value: str) -> str:
    """Read the name of a time zone."""
    if value not in time_zones.names():
        raise Unreadable("Write a name such as Europe/Amsterdam (IANA time zones).")
    return value


def phone_region(value: str) -> str:
    """Read the code of a country that has phone numbers."""
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise Unreadable("Write the two capital letters of a country, for example NL.")
    return value


def owner(value: str) -> str:
    """Read an owner to be made, `Name <email>:password`."""
    split_owner(value)
    return value


def split_owner(value: str) -> tuple[str, str, str]:
    """Return the name, email and password of `Name <email>:password`, without spaces around them. Raises Unreadable.

    The name may be left out. The sentence never repeats what was written: a password stands in it.
    """
    found = _OWNER.fullmatch(value.strip())
    if not found:
        raise Unreadable(
            "Write each owner as Name <email>:password, separated by commas; owners whose passwords have commas go "
            "into a file, one a line, which STORE_OWNERS_FILE names."
        )
    name, framed, bare, password = found.groups()
    return (name or "").strip(), (framed or bare).strip(), password.strip()


def _split(value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        raise Unreadable("It is not a URL: look at the port, and write %23, %2F, %3A and %40 for # / : @.") from None
    return parts


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _ascii(name: str) -> str:
    """Return a host's name as DNS spells it."""
    try:
        return name.encode("idna").decode()
    except UnicodeError:
        return ""
