"""Every class that a page can carry has a rule in a style sheet of its face: without one it says nothing."""

import re
from pathlib import Path

import pytest
import wagtail.admin

from orders.presenters.money import TO_STAFF, TO_THE_BUYER
from orders.presenters.wording import WORDS, WORDS_OF_DELIVERY
from staff.views.slip import PAPERS
from tests.sources import ROOT, files

SHOP = ("storefront/static/css/storefront.css",)
STAFF = (*SHOP, "storefront/static/css/staff.css")
WAGTAIL = Path(wagtail.admin.__file__).parent / "static/wagtailadmin/css/core.css"
CMS = (WAGTAIL, "storefront/static/css/admin.css", "products/static/products/variants.css")
# A block's part or modifier wherever it is named: price__from, tag--ok, timeline__step--done.
NAMED = re.compile(r"(?<![\w.{/-])[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?:__[a-z0-9-]*[a-z0-9])?--[a-z0-9]+(?![\w{(/-])")
# A modifier whose end is a variable: tag--{{ tone }}.
OPEN = re.compile(r"(?<![\w-])([a-z][a-z_-]*--)\{\{")
# What scripts look for and nothing draws.
HOOKS = {"staff--scan", "z-variants--read"}
# A utility of Wagtail's, not an event's name.
UTILITY = re.compile(r"(?<![\w-])(?:[a-z]+:)?-?w-[a-z][\w.\[\]-]*(?!:)\b\]?")
TONES = {words.tone for table in (TO_THE_BUYER, TO_STAFF, WORDS, WORDS_OF_DELIVERY) for words in table.values()} - {""}
ENDS = {
    "tag--": TONES,
    "notice--": {words.tone for words in TO_THE_BUYER.values()} - {""} | {"ok", "warn", "error"},
    "ticket--": {"soon", "late", "done"},
    "timeline__step--": {"done", "now"},
    "scan--": {"ask", "wait", "seen", "stop"},
    "slip--": set(PAPERS),
    "board--": {"0", "4"},
}


def rules(*sheets: str | Path) -> set[str]:
    """Return the classes that style sheets have a rule for."""
    text = " ".join((ROOT / sheet).read_text() for sheet in sheets)
    return {name.replace("\\", "") for name in re.findall(r"\.(-?[a-zA-Z_](?:[\w-]|\\.)*)", text)}


def face(path: Path) -> tuple[str | Path, ...]:
    """Return the style sheets of the pages that a template or script draws."""
    parts = path.relative_to(ROOT).parts
    if parts[:2] == ("products", "js") or {"admin", "wagtailadmin", "accounts"} & set(parts) or "admin" in path.name:
        return CMS
    return STAFF if "staff" in parts else SHOP


def drawn() -> list[Path]:
    """Return the templates and scripts, without emails, which carry their own styles."""
    found = files("templates/**/*.html", "*/templates/**/*.html", "*/js/**/*.js")
    return [path for path in found if "emails" not in path.relative_to(ROOT).parts]


def test_every_modifier_of_a_template_or_script_has_a_rule():
    known = {sheets: rules(*sheets) for sheets in (SHOP, STAFF, CMS)}

    missing = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in drawn()
        for name in NAMED.findall(path.read_text())
        if name not in known[face(path)] | HOOKS
    }

    assert missing == set()


def test_every_modifier_that_ends_in_a_variable_is_listed_here():
    found = {start for path in drawn() for start in OPEN.findall(path.read_text())}

    assert found == set(ENDS)


@pytest.mark.parametrize("start", ENDS)
def test_every_end_of_a_modifier_has_a_rule(start):
    assert {start + end for end in ENDS[start]} - rules(*STAFF) == set()


def test_every_utility_of_a_cms_screen_exists_in_wagtail():
    known = rules(WAGTAIL)

    missing = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in drawn()
        for name in UTILITY.findall(path.read_text())
        if name not in known
    }

    assert missing == set()
