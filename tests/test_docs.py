"""Everything that the documentation tells people to type or open exists."""

import re

import pytest
from django.core.management import get_commands, load_command_class

from storefront.environment import GROUPS
from tests.sources import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
IDS = [str(page.relative_to(ROOT)) for page in PAGES]
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
# Read by Django and gunicorn, not by our settings.
OTHERS = {"DJANGO_SETTINGS_MODULE", "WEB_CONCURRENCY"}


def typed(text: str) -> str:
    """Return the commands on a page: its fenced code and its code spans."""
    fenced = SHELL.findall(text)
    return "\n".join([*fenced, *re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))])


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_commands_and_their_options_exist(page):
    known, unknown = get_commands(), []
    for name, rest in re.findall(r"manage\.py ([a-z_]+)([^\n&|;]*)", typed(page.read_text())):
        if name not in known:
            unknown.append(name)
            continue
        parser = load_command_class(known[name], name).create_parser("manage.py", name)
        options = re.findall(r"(?<![\w-])--[a-z-]+", rest)
        unknown += [f"{name} {option}" for option in options if option not in parser._option_string_actions]

    assert not unknown


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_make_targets_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    asked = set(re.findall(r"(?:^|`)make ([a-z-]+)", typed(page.read_text()) + "\n", re.MULTILINE))

    assert asked <= targets


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_links_are_not_broken(page):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
    broken = [link for link in links if "://" not in link and not (page.parent / link).exists()]

    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_variables_set_in_examples_are_read(page):
    known = {variable.name for group in GROUPS for variable in group.variables} | OTHERS
    fenced = "\n".join(SHELL.findall(page.read_text()))
    names = set(re.findall(r"^(?:export )?([A-Z][A-Z_]+)=", fenced, re.MULTILINE))

    assert names <= known


def test_every_page_is_linked_from_the_index():
    index = (ROOT / "docs" / "index.md").read_text()
    pages = {str(page.relative_to(ROOT / "docs")) for page in PAGES if page.is_relative_to(ROOT / "docs")}

    missing = {page for page in pages if page not in index and not page.startswith("adr/")} - {"index.md"}

    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_modules_it_names_exist(page):
    named = set(
        re.findall(r"(?<![\w<>/.-])((?:[\w-]+/)+[\w-]+\.(?:py|html|toml|css|js|md))(?![\w/])", typed(page.read_text()))
    )

    assert {name for name in named if not (ROOT / name).exists() and not (page.parent / name).exists()} == set()


def test_decisions_are_numbered_without_gaps():
    decisions = sorted((ROOT / "docs" / "adr").glob("*.md"))

    numbers = [int(page.name.split("-")[0]) for page in decisions]
    titles = [int(page.read_text().split(".")[0].removeprefix("# ")) for page in decisions]

    assert numbers == titles == list(range(1, len(decisions) + 1))
