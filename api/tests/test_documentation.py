"""The examples of docs/reference/api.md, run one after another as they stand there."""

import itertools
import json
import re
import shlex

import pytest
from django.test import Client

from accounts.tests.factories import PASSWORD, make_customer
from api.urls import urlpatterns
from tests.sources import ROOT

pytestmark = pytest.mark.django_db
TEXT = (ROOT / "docs/reference/api.md").read_text()
EXAMPLES = re.findall(r"```sh\n(curl .*?)```\n(?:\n```json\n(.*?)```)?", TEXT, re.DOTALL)
SECRET = {"access_token", "refresh_token"}
SITE = "https://shop.example.com"


def run(command: str, known: dict[str, str]):
    """Send what curl would send."""
    for name, value in known.items():
        command = command.replace(f"'${name}'", value).replace(f"${name}", value)
    _curl, *words = shlex.split(command.replace("\\\n", " "))
    options = dict(itertools.pairwise(words))
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
    path = next(word for word in words if word.startswith(SITE)).removeprefix(SITE)
    if "-d" in options:
        return Client().post(path, options["-d"], content_type=headers.pop("Content-Type"), headers=headers)
    return (Client().post if options.get("-X") == "POST" else Client().get)(path, headers=headers)


def test_every_example_answers_what_stands_below_it():
    make_customer(email="mira@example.com", name="Mira Sato", phone="+31612345678", language="en")
    known: dict[str, str] = {}

    for command, expected in EXAMPLES:
        assert PASSWORD in command or "$" in command
        response = run(command, known)
        if not expected:
            assert (response.status_code, response.content) == (204, b"")
            continue
        assert response.status_code == 200, (command, response.content)
        shown, given = json.loads(expected), response.json()
        assert shown.keys() == given.keys()
        known |= {name.upper(): given[name] for name in SECRET & given.keys()}
        assert shown | dict.fromkeys(SECRET & shown.keys()) == given | dict.fromkeys(SECRET & given.keys())


def test_every_address_has_an_example():
    paths = {f"{SITE}/api/v1/{pattern.pattern}" for pattern in urlpatterns}

    assert paths == {word for command, _answer in EXAMPLES for word in command.split() if word.startswith(SITE)}
