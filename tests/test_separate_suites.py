"""Suites that quick runs leave out: they can be imported, and their selectors are sound."""

import re
from importlib import import_module

from tests.sources import ROOT, files


def test_suites_left_out_of_quick_runs_can_be_imported():
    folders = ("tests/browser", "tests/races", "tests/truth", "tests/load", "tests/auth", "bench")
    proofs = [path for folder in folders for path in (ROOT / folder).glob("*.py")]
    ours = [path for path in proofs if path.stem not in ("floor", "bare_wagtail")]
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in ours]

    found = [import_module(name).__name__ for name in modules]

    assert found == modules


UNQUOTED = re.compile(r"\[[\w-]+[*^$|~]?=\$?\{")


def test_values_in_selectors_are_quoted():
    """An order number or a shop's code may start with a digit, which makes an unquoted selector invalid."""
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files("tests/browser/*.py", "*/js/**/*.js")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if UNQUOTED.search(line) and "FORM_ID" not in line
    ]

    assert found == []
