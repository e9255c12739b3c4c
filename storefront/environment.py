"""Every variable of the environment that the site reads: the source of `.env.example` and of the table in docs/.

A test compares this table with what the settings and the demo bank read.
"""

from dataclasses import dataclass

from common.crash import POINTS
from orders.gateways import registry as gateways


@dataclass(frozen=True)
class Variable:
    """`default` is what the site takes when the variable is not set, as one would type it; `secret` has none."""

    name: str
    default: str
    meaning: str
    secret: bool = False


@dataclass(frozen=True)
class Group:
    """Variables that belong together, under one heading."""

    title: str
    variables: tuple[Variable, ...]


def _crash_points() -> str:
    return ", ".join(f"{name} ({meaning})" for name, meaning in POINTS.items())


GROUPS = (
    Group(
        "Where it runs",
        (
            Variable(
                "SECRET_KEY", "", "Signs cookies and links: a random text of at least 50 characters.", secret=True
            ),
            Variable("SITE_URL", "http://127.0.0.1:8000", "Address of the site in mails, QR codes and the sitemap."),
            Variable("ALLOWED_HOSTS", "127.0.0.1,localhost", "Host names that are answered, separated by commas."),
            Variable("TRUSTED_PROXIES", "", "Addresses of the proxies whose X-Forwarded headers are believed."),
            Variable("HSTS_SECONDS", "31536000", "How long browsers insist on https (production only)."),
            Variable("HSTS_SUBDOMAINS", "false", "Also for every subdomain of the site's host: all must speak https."),
            Variable("HSTS_PRELOAD", "false", "Let browsers ship the site as https only; hard to undo."),
            Variable("VAR_DIR", "var", "Folder of everything written at run time: database, media, keys, mail."),
            Variable("PORT", "8000", "Port of `make run`; the demo bank takes the next one."),
            Variable("WEB_THREADS", "8", "Threads of the one web process of `make run`."),
        ),
    ),
    Group(
        "Services",
        (
            Variable("DATABASE_URL", "sqlite:///var/db.sqlite3", "postgres://user:password@host/name, or SQLite."),
            Variable("REDIS_URL", "", "Shared cache for several processes; empty means memory of the process."),
            Variable(
                "EMAIL_URL", "consolemail://", "smtp://user:password@host:587 or smtp+tls://...; where mail goes."
            ),
            Variable("EMAIL_BACKEND", "", "Replaces the mail backend of `make run`, which writes files to var/mail."),
            Variable("MAIL_FROM", "shop@localhost", "Sender of all mail."),
        ),
    ),
    Group(
        "The shop",
        (
            Variable("SHOP_CURRENCY", "EUR", "ISO code; cannot be changed once there is an order."),
            Variable("SHOP_LANGUAGES", "en", "Languages, the default first: en,ru."),
            Variable(
                "TIME_ZONE",
                "UTC",
                "Time zone of reports and of the CMS; each shop has its own for its hours. The demo shop of `make run` "
                "has Europe/Amsterdam.",
            ),
            Variable("PHONE_REGION", "NL", "Country of phone numbers typed without a country code."),
            Variable("STORE_OWNERS", "", "Owners made at installation: anna@example.com:password,..."),
            Variable("DEMO", "false", "Load the demo shop and show its sign-ins. `make run` has it on; DEMO=0 is off."),
        ),
    ),
    Group(
        "Payments",
        (
            Variable("PAYMENT_GATEWAYS", "on_collection,demo_bank", "Ways to pay that are offered."),
            *(
                Variable(variable.name, variable.default, variable.meaning, secret=variable.is_secret)
                for variable in gateways.variables()
            ),
        ),
    ),
    Group(
        "The demo bank's own process (`make run` sets these)",
        (
            Variable("DEMO_BANK_PORT", "8001", "Port it listens on."),
            Variable("DEMO_BANK_SHOP_NAME", "Vitrine", "The shop's name on the page of payment."),
            Variable("DEMO_BANK_BIND", "127.0.0.1", "Address it listens on."),
            Variable("DEMO_BANK_BOOK", "var/demo_bank.sqlite3", "Its book: a SQLite file that is not the shop's."),
            Variable(
                "DEMO_BANK_WEBHOOK_URL",
                "http://127.0.0.1:8000/payments/demo_bank/webhook/",
                "Where it tells the shop about payments.",
            ),
            Variable("DEMO_BANK_FAULTS", "", "Faults on demand: delay=5 duplicate=3 drop=1 amount=-1 currency=USD."),
        ),
    ),
    Group(
        "Test switches: never in production, `manage.py check --deploy` fails when one is on",
        (
            Variable("VITRINE_TEST_CLOCK_OFFSET", "0", "Seconds by which the site's clock is ahead."),
            Variable(
                "VITRINE_TEST_LOCKS_OFF",
                "false",
                "Takes the locks of stock, orders and payments away, to show that the race is real.",
            ),
            Variable("VITRINE_TEST_CRASH_AT", "", f"Kills the process at one point: {_crash_points()}."),
        ),
    ),
)


def render_example() -> str:
    """Return the text of `.env.example`: every variable, commented out, with its default and meaning."""
    lines = ["# Made by `make env`. Copy to .env, take away the # where you want something else than the default."]
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
        "Made from `storefront/environment.py` by `make env`. Nothing needs to be set for `make run`.",
    ]
    for group in GROUPS:
        lines += ["", f"## {group.title}", "", "| variable | default | meaning |", "|---|---|---|"]
        for variable in group.variables:
            default = (
                "must be set in production" if variable.secret else f"`{variable.default}`" * bool(variable.default)
            )
            lines.append(f"| `{variable.name}` | {default} | {variable.meaning} |")
    return "\n".join(lines) + "\n"
