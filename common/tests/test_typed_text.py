"""Invisible characters do not count in identifiers, names and notes."""

import unicodedata

import pytest

from common.typed_text import IdentifierField, TextField, clean_identifier, clean_text

FORMAT = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Cf"]


def test_every_format_character_is_removed_from_an_identifier():
    assert len(FORMAT) > 100
    assert clean_identifier("".join(f"A{mark}" for mark in FORMAT)) == "A" * len(FORMAT)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  COFFEE-250 ", "COFFEE-250"),
        ("\ufeffCOFFEE\u200b-250", "COFFEE-250"),
        ("\uff23\uff2f\uff26\uff26\uff25\uff25-250", "COFFEE-250"),
        ("COFFEE\x00-\x1f250", "COFFEE-250"),
        ("a\tb\nc", "a b c"),
        ("a\u00a0b", "a b"),
        ("\u3164\u115f\ufe0f", ""),
        (None, ""),
        (42, "42"),
    ],
)
def test_an_identifier_has_visible_characters_only(typed, kept):
    assert clean_identifier(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u202eMila\u202c", "Mila"),
        ("\u2066Mila\u2069 Berg", "Mila Berg"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("\u0646\u06cc\u200c\u0645\u0627", "\u0646\u06cc\u200c\u0645\u0627"),
        ("\U0001f469\u200d\U0001f373", "\U0001f469\u200d\U0001f373"),
        ("\x1b[31mred\x00", "[31mred"),
        ("  two  words  ", "two  words"),
    ],
)
def test_a_name_or_note_keeps_its_letters_and_line_breaks(typed, kept):
    assert clean_text(typed) == kept


def test_the_fields_clean_before_they_measure():
    assert IdentifierField(max_length=3).clean("a\u200bb\u200bc\u200b") == "abc"
    assert TextField(max_length=3).clean("\u202eabc\u202c") == "abc"
