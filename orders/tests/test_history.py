"""Notes of machines are shown in words, in the reader's language; people's stay as typed."""

import ast
from pathlib import Path

import pytest

from orders.presenters.history import NOTES, WITH_CODE, note_text

ORDERS = Path(__file__).resolve().parent.parent


def written_notes():
    """Return every literal that the services give as a note of history."""
    for path in [*ORDERS.glob("payments/*.py"), *ORDERS.glob("services/*.py")]:
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("add_event", "move", "_place"):
                yield from (word.value for word in call.keywords if word.arg == "note")


def test_every_note_a_service_writes_has_words():
    plain = {note.value for note in written_notes() if isinstance(note, ast.Constant)} - {"", "undo"}
    coded = {note.values[0].value.rstrip(": ") for note in written_notes() if isinstance(note, ast.JoinedStr)}

    assert plain <= set(NOTES) and len(plain) >= 6
    assert coded == set(WITH_CODE)


@pytest.mark.parametrize(
    ("note", "text"),
    [
        ("paid online", "Paid online."),
        ("payment needs a person: amount_differs", "The bank names another amount than we asked for."),
        ("money given back: paid_twice", "The order was paid more than once."),
        ("payment needs a person: new_code", "payment needs a person: new_code"),
        ("Changed my mind: sorry", "Changed my mind: sorry"),
        ("", ""),
    ],
)
def test_a_note_is_worded(note, text):
    assert note_text(note) == text
