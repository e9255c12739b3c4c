"""The bank's configuration, read from the environment once at start-up."""

import os
import pathlib
import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Faults:
    """Faults on demand: delay (in seconds) and copies of each notice, lost notices, cents added to the charge."""

    delay: float = 0.0
    duplicate: int = 1
    drop: bool = False
    amount: int = 0
    currency: str = ""


@dataclass(frozen=True)
class Config:
    """Of `secrets` the first signs and all are accepted, so that a secret can be rotated without downtime."""

    book: pathlib.Path
    port: int
    bind: str
    secrets: tuple[str, ...]
    webhook_url: str
    public_url: str
    shop_name: str = "Vitrine"
    clock_offset: float = 0.0
    faults: Faults = field(default_factory=Faults)

    def now(self) -> float:
        """Return seconds since 1970, shifted by the same test setting as the shop's clock."""
        return time.time() + self.clock_offset


class BadConfig(Exception):
    """A variable of the environment is missing or invalid."""


def from_environment() -> Config:
    """Read DEMO_BANK_BOOK, _PORT, _BIND, _SECRET, _SHOP_NAME, _WEBHOOK_URL, _URL and _FAULTS. Raises BadConfig."""
    secrets = tuple(part for part in os.environ.get("DEMO_BANK_SECRET", "").split(",") if part)
    if not secrets:
        raise BadConfig("Set DEMO_BANK_SECRET: the bank signs every notice with it.")
    try:
        port = int(os.environ.get("DEMO_BANK_PORT", "8001"))
        offset = float(os.environ.get("VITRINE_TEST_CLOCK_OFFSET", "0") or 0)
        faults = parse_faults(
            dict(part.split("=", 1) for part in os.environ.get("DEMO_BANK_FAULTS", "").split() if part)
        )
    except ValueError as error:
        raise BadConfig(f"The bank cannot read its settings: {error}") from error
    return Config(
        book=pathlib.Path(os.environ.get("DEMO_BANK_BOOK", "var/demo_bank.sqlite3")),
        port=port,
        bind=os.environ.get("DEMO_BANK_BIND", "127.0.0.1"),
        secrets=secrets,
        webhook_url=os.environ.get("DEMO_BANK_WEBHOOK_URL", "http://127.0.0.1:8000/payments/demo_bank/webhook/"),
        public_url=os.environ.get("DEMO_BANK_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        shop_name=os.environ.get("DEMO_BANK_SHOP_NAME", "") or "Vitrine",
        clock_offset=offset,
        faults=faults,
    )


def parse_faults(values: dict[str, str], base: Faults | None = None) -> Faults:
    """Read faults from a query or the environment: delay=5 duplicate=3 drop=1 amount=-1 currency=USD.

    Raises ValueError for anything unknown or out of range.
    """
    base = base or Faults()
    unknown = set(values) - {"delay", "duplicate", "drop", "amount", "currency"}
    if unknown:
        raise ValueError(f"unknown fault {min(unknown)}")
    delay = float(values.get("delay", base.delay))
    duplicate = int(values.get("duplicate", base.duplicate))
    amount = int(values.get("amount", base.amount))
    currency = values.get("currency", base.currency)
    if not 0 <= delay <= 72 * 3600 or not 1 <= duplicate <= 100 or abs(amount) > 10**9:
        raise ValueError("a fault is out of range")
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        raise ValueError("a currency is three capital letters")
    drop = values.get("drop", "1" if base.drop else "0")
    if drop not in ("0", "1"):
        raise ValueError("drop is 0 or 1")
    return Faults(delay, duplicate, drop == "1", amount, currency)
