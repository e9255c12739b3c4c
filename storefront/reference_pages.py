"""Pages of docs/reference that are written from the tables of the code: rights, and personal data."""

import textwrap

from accounts.roles import RIGHTS, ROLES
from common.registry import personal_fields

WIDTH = 120
WRITTEN = "Written by `manage.py reference_pages` from {source}; change it there."


def render_rights() -> str:
    """Return the page that says which role may do what."""
    labels = [str(label) for label in ROLES.values()]
    rows = [
        [right.means, *("yes" if role in right.roles else "" for role in ROLES), f"`{name}`"]
        for name, right in RIGHTS.items()
    ]
    return _page(
        "Rights",
        WRITTEN.format(source="`RIGHTS` in `accounts/roles.py`"),
        "A person who works here has one role; a person without a role is a customer. Employees and shop managers see "
        "the orders of the shops they are assigned to. In the CMS nobody sees customers. "
        "[Give a role a right](../how-to/give-a-role-a-right.md) tells how to change the table.",
        _table(["may", *labels, "right"], rows),
    )


def render_personal_data() -> str:
    """Return the page that says which personal data is kept, why, for how long, and how it is erased."""
    rows = [[f"`{one.model}.{one.field}`", one.purpose, one.retention, one.erasure] for one in personal_fields()]
    return _page(
        "Personal data",
        WRITTEN.format(source="the `privacy.py` of each app"),
        "Everything that says who somebody is. A column that looks personal and has no row here fails the tests. "
        "Customers download all of it, and delete their account, under *My account > Your data*; guests are taken out "
        "of their orders after `RETENTION_MONTHS`.",
        "What stays of a deleted account is its number: on its orders and payments, on what was agreed to at the "
        "counter, and in the audit.",
        _table(["column", "why", "kept", "when erased"], rows),
    )


def _page(title: str, *paragraphs: str) -> str:
    told = [one if one.startswith("|") else textwrap.fill(one, WIDTH, break_on_hyphens=False) for one in paragraphs]
    return "\n\n".join([f"# {title}", *told]) + "\n"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


PAGES = {"docs/reference/rights.md": render_rights, "docs/reference/personal-data.md": render_personal_data}
