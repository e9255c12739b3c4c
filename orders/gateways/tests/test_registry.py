"""The registry of gateways: no other module names one, and each is complete."""

import ast
import re

import pytest

from common.templatetags.ui_tags import icon
from orders.gateways import registry
from tests.sources import ROOT, files, sources

# Modules that may name a gateway: the gateways themselves, the settings, and the demo with its bank.
MAY_NAME_ONE = (
    "orders/gateways/",
    "storefront/settings/",
    "storefront/demo/",
    "storefront/management/commands/run_shop.py",
)
CODES = {gateway.code for gateway in registry.KNOWN}


def test_no_other_module_names_a_gateway():
    found = [
        f"{source.name}:{node.lineno}"
        for source in sources()
        if not source.name.startswith(MAY_NAME_ONE)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and node.value in CODES
    ]

    assert not found


def test_no_template_script_or_style_sheet_names_a_gateway():
    ours = files("templates/**/*.txt", "*/**/*.html", "*/**/*.js", "*/**/*.css")

    found = {str(path.relative_to(ROOT)) for path in ours for code in CODES if code in path.read_text()}

    assert not found


@pytest.mark.parametrize("gateway", registry.KNOWN, ids=lambda gateway: gateway.code)
def test_a_gateway_is_complete(gateway):
    assert re.fullmatch(r"[a-z0-9_]{1,16}", gateway.code)
    assert all(str(word) for word in (gateway.label, gateway.hint, gateway.history_label))
    assert "<svg" in icon(gateway.icon)
    assert not [variable.name for variable in gateway.variables if variable.is_secret and variable.default]


def test_no_two_gateways_have_the_same_code():
    assert len(CODES) == len(registry.KNOWN)


def test_a_history_names_gateways_and_leaves_other_labels_alone():
    assert [registry.history_label(label) for label in ("demo_bank", "Anna")] == ["the bank", "Anna"]


def test_an_order_of_a_removed_gateway_still_waits_for_its_payment():
    assert [registry.is_online(code) for code in ("on_collection", "demo_bank", "gone")] == [False, True, True]
