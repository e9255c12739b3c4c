"""Words we do not use: CONTRIBUTING.md has the list and says what to write instead."""

import re
import subprocess

import pytest

from tests.sources import ROOT

WORDS = {
    "mend": r"mend(s|ed|ing)?",
    "whoever": r"who(ever|mever|sever)",
    "for ever": r"for ever",
    "e-mail": r"e-mail\w*",
    "he or she": r"he|his|him|himself|she|her|hers|herself",
    "give back": r"(give|gives|gave|given|giving) back|(gives|gave|given) \w+ back",
    "in vain": r"in vain",
    "of late": r"of late",
    "proven mailbox": r"(un)?proven (mailbox|address)\w*",
    "wrong try": r"(wrong|many) tr(y|ies)",
    "present moment": r"present (moment|password)",
    "tarry": r"tarr(y|ies)",
    "those who": r"a face over|the way out",
    "what is none": r"(what|which|that) (is|are) none",
    "sign for a character": r"(invisible|hidden|currency|per cent) signs?",
    "door": r"doors?",
}
# Files in which the word is meant literally.
RIGHT = {
    "door": {
        "SECURITY.md",
        "storefront/demo/data/pages.toml",
        "storefront/demo/data/catalogue.toml",
    },
    # Notes of old events, as the migration found them.
    "give back": {"orders/tests/test_history.py"},
    "he or she": {"accounts/tests/test_foreign_address.py"},
}
SKIPPED = re.compile(
    r"/migrations/|^requirements|^LICENSE|^tests/test_english\.py|^CONTRIBUTING|/generator/|/static/.*\.js$"
)
KINDS = ("*.py", "*.html", "*.txt", "*.md", "*.js", "*.css", "*.scss", "*.toml")


def files() -> list[str]:
    listed = subprocess.run(["git", "ls-files", *KINDS], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if not SKIPPED.search(name) and (ROOT / name).exists()]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {name: (ROOT / name).read_text() for name in files()}


@pytest.mark.parametrize("word", WORDS)
def test_nobody_writes(word, texts):
    pattern = re.compile(rf"(?<![\w-])({WORDS[word]})(?![\w-])", re.IGNORECASE)
    found = [
        f"{name}:{number} {line.strip()[:90]}"
        for name, text in texts.items()
        if name not in RIGHT.get(word, ())
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]

    assert not found
