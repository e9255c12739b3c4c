"""Every environment variable that the site reads: the source of `.env.example` and of the table in docs/.

A test compares this table with the variables that the settings and the demo bank read. The settings cannot be loaded
while a variable is invalid; `python -m storefront.settings` reports that without starting anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from accounts import signing_key
from accounts.sms import registry as sms
from common import reading
from common.crash import POINTS
from common.reading import Reader, Unreadable
from orders.gateways import registry as gateways
from orders.gateways.demo_bank.server.config import parse_faults


@dataclass(frozen=True)
class Variable:
    """`default` is the value if the variable is not set, as one would type it; a `secret` has none.

    `read` raises ValueError for a value that cannot be used, saying what to write instead.
    """

    name: str
    default: str
    meaning: str
    read: Reader = reading.text
    secret: bool = False


@dataclass(frozen=True)
class Group:
    """Variables that belong together, under one heading."""

    title: str
    variables: tuple[Variable, ...]


class BadEnvironment(ImproperlyConfigured):
    """The site cannot start with these variables; `str()` is a sentence about each that is wrong."""


def _gateways(value: str) -> object:
    codes = [gateway.code for gateway in gateways.KNOWN]
    return reading.listed(reading.choice(*codes))(value)


def _sms_sender(value: str) -> object:
    return reading.choice("", *(known.code for known in sms.KNOWN))(value)


def _bank_faults(value: str) -> object:
    try:
        return parse_faults(dict(part.split("=", 1) for part in value.split()))
    except ValueError:
        raise Unreadable("Write faults such as delay=5 duplicate=3 drop=1 amount=-1 currency=USD.") from None


def _crash_points() -> str:
    return ", ".join(f"{name} ({meaning})" for name, meaning in POINTS.items())


GROUPS = (
    Group(
        "Where it runs",
        (
            Variable("SECRET_KEY", "", "Signs cookies and links: at least 50 random characters.", secret=True),
            Variable(
                "JWT_PRIVATE_KEY",
                "",
                "Signs tokens of API clients: a private RSA key in PEM, or the path of its file. Production has no API "
                "without it; elsewhere one is made in VAR_DIR/keys.",
                read=signing_key.read_if_set,
            ),
            Variable(
                "SITE_URL",
                "http://127.0.0.1:8000",
                "Address of the site in emails, QR codes and the sitemap; production does not start without it.",
                read=reading.url("http", "https"),
            ),
            Variable(
                "ALLOWED_HOSTS",
                "127.0.0.1,localhost",
                "Host names that the site answers to, separated by commas; production does not start without them.",
                read=reading.listed(reading.host),
            ),
            Variable(
                "TRUSTED_PROXIES",
                "",
                "Addresses of the proxies whose X-Forwarded headers are trusted.",
                read=reading.listed(reading.network, may_be_empty=True),
            ),
            Variable(
                "HSTS_SECONDS",
                "31536000",
                "How long browsers insist on https (production only).",
                read=reading.whole(0, 10 * 365 * 24 * 3600),
            ),
            Variable(
                "HSTS_SUBDOMAINS",
                "false",
                "Apply that to every subdomain of the site's host too: all of them must use https.",
                read=reading.flag,
            ),
            Variable(
                "HSTS_PRELOAD", "false", "Let browsers preload the site as https only; hard to undo.", read=reading.flag
            ),
            Variable(
                "VAR_DIR",
                "var",
                "Folder for everything written at run time: database, media, keys, emails.",
                read=reading.folder,
            ),
            Variable(
                "PORT", "8000", "Port of `make run`; the demo bank takes the next one.", read=reading.whole(1, 65534)
            ),
            Variable("WEB_THREADS", "8", "Threads of the one web process of `make run`.", read=reading.whole(1, 200)),
            Variable("KEEP_PAGES", "True", "Keep public pages in each process until they change.", read=reading.flag),
            Variable(
                "PAGE_SHARED_SECONDS",
                "0",
                "Seconds that a CDN may show a public page without asking; prices may be that old then.",
                read=reading.whole(0, 86400),
            ),
        ),
    ),
    Group(
        "Services",
        (
            Variable(
                "DATABASE_URL",
                "sqlite:///var/db.sqlite3",
                "postgres://user:password@host/name, or SQLite. Behind a pooler that lends connections by transaction "
                "end it with ?DISABLE_SERVER_SIDE_CURSORS=True.",
                read=reading.database,
            ),
            Variable(
                "REDIS_URL",
                "",
                "Cache shared by several processes; if empty, each process keeps its own in memory.",
                read=reading.redis,
            ),
            Variable(
                "EMAIL_URL",
                "consolemail://",
                "Mail server, as smtp://user:password@host:587 or smtp+tls://...",
                read=reading.mail_server,
            ),
            Variable(
                "EMAIL_BACKEND",
                "",
                "Replaces the email backend of `make run`, which writes emails to files in var/mail.",
                read=reading.importable,
            ),
            Variable("MAIL_FROM", "shop@localhost", "Sender of all emails.", read=reading.sender),
        ),
    ),
    Group(
        "The shop",
        (
            Variable(
                "SHOP_CURRENCY", "EUR", "ISO code; cannot be changed once there is an order.", read=reading.currency
            ),
            Variable("SHOP_LANGUAGES", "en", "Languages, default first: en,ru.", read=reading.listed(reading.language)),
            Variable(
                "TIME_ZONE",
                "UTC",
                "Time zone of reports and of the CMS; each shop has its own for its hours. The demo shop of `make run` "
                "has Europe/Amsterdam.",
                read=reading.time_zone,
            ),
            Variable(
                "PHONE_REGION",
                "NL",
                "Country of phone numbers typed without a country code.",
                read=reading.phone_region,
            ),
            Variable(
                "STORE_OWNERS",
                "",
                "Owners created at installation: Anna Lind <anna@example.com>:password,...",
                read=reading.listed(reading.owner, may_be_empty=True),
            ),
            Variable(
                "STORE_OWNERS_FILE",
                "",
                "A file with more of them, one a line; their passwords may hold commas.",
                read=reading.file,
            ),
            Variable(
                "RETENTION_MONTHS",
                "24",
                "How many months the orders of guests keep their name, phone, email and comment.",
                read=reading.whole(1, 1200),
            ),
            Variable(
                "OWNERS_NEED_SECOND_FACTOR",
                "false",
                "Owners set up codes of an authenticator app before they enter the CMS or the staff panel.",
                read=reading.flag,
            ),
            Variable(
                "DEMO",
                "false",
                "Load the demo shop and show its accounts. On in `make run`; DEMO=0 turns it off.",
                read=reading.flag,
            ),
        ),
    ),
    Group(
        "Payments",
        (
            Variable(
                "PAYMENT_GATEWAYS",
                "on_collection,demo_bank",
                "Ways to pay to offer; in production and with DEMO=0 only on_collection, unless you name others.",
                read=_gateways,
            ),
            *(
                Variable(
                    variable.name, variable.default, variable.meaning, read=variable.read, secret=variable.is_secret
                )
                for variable in gateways.variables()
            ),
        ),
    ),
    Group(
        "Text messages",
        (
            Variable(
                "SMS_SENDER",
                "console",
                "Sends codes to phones. console: files in var/sms, never in production. Empty, as in production and "
                "with DEMO=0: no page offers it.",
                read=_sms_sender,
            ),
            *(
                Variable(
                    variable.name, variable.default, variable.meaning, read=variable.read, secret=variable.is_secret
                )
                for variable in sms.variables()
            ),
        ),
    ),
    Group(
        "The demo bank's own process (`make run` sets these)",
        (
            Variable("DEMO_BANK_PORT", "8001", "Port it listens on.", read=reading.whole(1, 65535)),
            Variable("DEMO_BANK_SHOP_NAME", "Vitrine", "The shop's name on the payment page."),
            Variable("DEMO_BANK_BIND", "127.0.0.1", "Address it listens on.", read=reading.host),
            Variable("DEMO_BANK_BOOK", "var/demo_bank.sqlite3", "Its ledger: an SQLite file, not the shop's."),
            Variable(
                "DEMO_BANK_WEBHOOK_URL",
                "http://127.0.0.1:8000/payments/demo_bank/webhook/",
                "Where it sends its notices to the shop.",
                read=reading.url("https", "http", has_path=True),
            ),
            Variable(
                "DEMO_BANK_FAULTS",
                "",
                "Faults on demand: delay=5 duplicate=3 drop=1 amount=-1 currency=USD.",
                read=_bank_faults,
            ),
        ),
    ),
    Group(
        "Test switches: never in production; `manage.py check --deploy` fails if one is on",
        (
            Variable(
                "VITRINE_TEST_CLOCK_OFFSET",
                "0",
                "How many seconds the site's clock is ahead.",
                read=reading.whole(-(10**9), 10**9),
            ),
            Variable(
                "VITRINE_TEST_LOCKS_OFF",
                "false",
                "Removes the locks on stock, orders and payments, to show that the race is real.",
                read=reading.flag,
            ),
            Variable(
                "VITRINE_TEST_CRASH_AT",
                "",
                f"Kills the process at a named point: {_crash_points()}.",
                read=reading.choice("", *POINTS),
            ),
        ),
    ),
)


def refuse_unreadable(environment: Mapping[str, str]) -> None:
    """Raise BadEnvironment if a variable has a value the site cannot use."""
    wrong = []
    for variable in (variable for group in GROUPS for variable in group.variables):
        value = environment.get(variable.name)
        if value is None:
            continue
        try:
            # django-environ takes a value that begins with $ for the name of another variable.
            if value.startswith("$"):
                raise Unreadable("It begins with $, which refers to another variable.")
            variable.read(value)
        except ValueError as error:
            wrong.append(f"{variable.name} has a value that cannot be used. {error}")
    if wrong:
        raise BadEnvironment("\n".join(wrong))


def render_example() -> str:
    """Return the text of `.env.example`: every variable, commented out, with its default and meaning."""
    lines = ["# Generated by `make env`. Copy to .env and remove the # from each line that you change."]
    for group in GROUPS:
        lines += ["", f"# {group.title}"]
        for variable in group.variables:
            lines += [f"# {variable.meaning}", f"#{variable.name}={variable.default}"]
    return "\n".join(lines) + "\n"


def render_table() -> str:
    """Return docs/reference/environment.md."""
    lines = [
        "# Environment variables",
        "",
        "Generated from `storefront/environment.py` by `make env`. Nothing needs to be set for `make run`.",
    ]
    for group in GROUPS:
        lines += ["", f"## {group.title}", "", "| variable | default | meaning |", "|---|---|---|"]
        for variable in group.variables:
            default = (
                "must be set in production" if variable.secret else f"`{variable.default}`" * bool(variable.default)
            )
            lines.append(f"| `{variable.name}` | {default} | {variable.meaning} |")
    return "\n".join(lines) + "\n"
