"""Fields drawn by hand are what Django's templates draw."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from common.form_drawing import QuickFields

WIDGETS = [forms.TextInput, forms.EmailInput, forms.HiddenInput, forms.Textarea, forms.CheckboxInput]
VALUES = ["", "Mila", '"><script>', "O’Neill & <b>", None, 7]
ATTRIBUTES = [{}, {"class": "input", "maxlength": 150}, {"required": True, "disabled": False, "data-x": '"&'}]


@pytest.mark.parametrize("widget", WIDGETS)
@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("attrs", ATTRIBUTES)
def test_the_html_is_the_same(widget, value, attrs):
    drawn = [widget(attrs).render("name", value, renderer=renderer()) for renderer in (QuickFields, DjangoTemplates)]

    assert drawn[0].strip() == drawn[1].strip()


def test_a_plain_input_needs_no_template(monkeypatch):
    monkeypatch.setattr(DjangoTemplates, "render", lambda *_args: pytest.fail("a template was drawn"))

    assert forms.TextInput().render("name", "Mila", renderer=QuickFields()).strip() == (
        '<input type="text" name="name" value="Mila">'
    )
