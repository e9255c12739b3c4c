"""The four laws of docs/architecture.md, where import-linter cannot check them, and our coding conventions."""

import ast
import re
from importlib import import_module

from django.apps import apps
from django.conf import settings
from django.db import models
from wagtail.models import ReferenceIndex
from wagtail.search.index import get_indexed_models
from wagtail.snippets.models import get_snippet_models

from common.append_only import AppendOnlyModel
from common.registry import personal_fields
from tests.code_reading import CLOCKS, NOW, clock_reads, service_calls
from tests.sources import APPS, ROOT, layer, names, sources

MAX_LINES = 400
# Modules outside services/ that may open a transaction, and why.
TRANSACTIONS = {
    "orders/payments/": "the bank's answers are folded in here; payments are a service folder of their own",
    "common/outbox/services.py": "claims a message",
    "storefront/demo/": "writes many demo rows at once, through the services",
    "storefront/demo/bulk.py": "writes thousands of rows for benchmarks at once",
}
CSRF_EXEMPT = {
    "common/http.py: same_origin_post": "it checks the origin instead",
    "orders/views.py: webhook": "a gateway's notice is signed",
}
# Views that name two services, and why each request makes one change all the same.
TWO_CALLS = {
    "staff/views/scan.py: collect": "a preview on GET, the hand-over on POST",
    "staff/views/scan.py: hand_over_order": "the same",
    "checkout/views/cart.py: add": "a negative quantity removes",
    "checkout/views/cart.py: update": "a new quantity, or a removed line restored",
    "checkout/views/checkout.py: page": "a corrected quantity, or the order",
    "accounts/views.py: EmailView.post": "one button sends the link again, another drops the new address",
    "search/views.py: page": "normalising a text changes nothing",
    "search/views.py: suggestions": "normalising a text changes nothing",
}
# Foreign keys that point up a layer: engines refer to SKUs by a lazy name only.
UPWARD = {("stock", "products.Sku"), ("loyalty", "products.Sku"), ("promotions", "products.Sku")}
PERSONAL_WORDS = re.compile(r"(^|_)(name|phone|e?mail|address|comment|surname|birth\w*|contact|note)(_|$)")
PERSONAL_APPS = ("accounts", "orders", "checkout")
# Fields that have a personal-looking name, or take any text, but are not personal.
NOT_PERSONAL = {
    "accounts.AuditEntry.note": "what was done to which id, never a person's data",
    "checkout.Cart.notes": "what the cart has to tell: articles and amounts",
    "checkout.Cart.presses": "which presses of a button have been carried out",
    "orders.Document.content": "what was sold; the buyer stands in columns of their own",
    "orders.Document.name": "the document's own: R-2026-000123",
    "orders.OrderEvent.params": "numbers and codes of a reason",
    "orders.OrderLine.allergens": "what was bought",
    "orders.OrderLine.may_contain": "what was bought",
    "orders.OrderLine.name": "what was bought",
    "orders.SellerSettings.address": "the shop's own, printed on its documents",
    "orders.SellerSettings.footer": "the shop's own, printed on its documents",
    "orders.SellerSettings.legal_name": "the shop's own, printed on its documents",
    "orders.Payment.note": "a code of ours: why a payment failed or was parked",
}
MONEY = re.compile(r"money|pric|quote|payment|refund|order|offer|cart|tax|quantity|stock|level")
FLOATS = {
    "orders/gateways/demo_bank/server/": "seconds and delays of the bank's own process; its amounts are integers",
}


def test_every_app_is_in_the_one_list_of_layers():
    """import-linter reads the same list in `make check` and enforces it."""
    folders = {path.parent.name for path in ROOT.glob("*/apps.py")} | {"storefront"}
    written = re.findall(r"^\| (\d) \| ([a-z, ]+) \|", (ROOT / "docs/architecture.md").read_text(), re.MULTILINE)

    assert set(APPS) == folders
    assert {app: layer(app) for app in APPS} == {
        app: int(number) for number, row in written for app in row.split(", ") if app in APPS
    }


def test_only_services_open_transactions():
    found = [
        f"{source.name}:{line} {name}"
        for source in sources()
        for name, line in names(source.tree)
        if name in ("atomic", "transaction.atomic")
        and not is_service(source.name)
        and not source.name.startswith(tuple(TRANSACTIONS))
    ]

    assert not found


def is_service(name: str) -> bool:
    return "/services/" in name or name.endswith("/services.py")


def test_foreign_keys_point_down():
    wrong = [
        f"{field} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        if model._meta.app_label in APPS
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey | models.ManyToManyField) and not points_down(model, field)
    ]

    assert not wrong


def points_down(model: type[models.Model], field: models.Field) -> bool:
    own, target = model._meta.app_label, field.related_model._meta
    # Any app may refer to the user: the key goes through settings.AUTH_USER_MODEL.
    if target.app_label not in APPS or target.label == settings.AUTH_USER_MODEL or (own, target.label) in UPWARD:
        return True
    return target.app_label == own or layer(target.app_label) < layer(own)


def test_modules_are_short():
    assert not {source.name: source.lines for source in sources(tests=True) if source.lines > MAX_LINES}


def test_every_module_has_a_docstring():
    silent = [source.name for source in sources(tests=True) if source.tree.body and not ast.get_docstring(source.tree)]

    assert not silent


def test_no_import_inside_a_function():
    found = []
    for source in sources():
        for function in ast.walk(source.tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and not is_ready(source.name, function):
                inner = [node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
                found += [f"{source.name}:{node.lineno}" for node in inner]

    assert not found


def is_ready(name: str, function: ast.AST) -> bool:
    return name.endswith("apps.py") and function.name == "ready"


def test_no_module_uses_signals():
    """Apps call each other; the one receiver is for post_migrate and guards the append-only tables."""
    found = [
        f"{source.name}:{line} {name}"
        for source in sources()
        for name, line in names(source.tree)
        if re.search(r"(^|\.)(receiver|(pre|post)_(save|delete|init)|m2m_changed|page_published)$", name)
    ]

    assert not found


def test_only_entry_points_read_the_clock():
    edges = re.compile(
        r"views|commands/|admin_|viewsets|wagtail_hooks|panels|middleware|accounts/sessions\.py|api/|context\.py|shell\.py|forms\.py|adapter\.py|stages\.py"
        r"|models|/screens|throttle|page_changes/feed\.py|storefront/services/timekeeper\.py|/pages\.py|common/clock\.py|fragments|_page\.py"
    )
    found = [
        f"{source.name}:{line} {name}"
        for source in sources()
        for name, line in clock_reads(source.tree)
        if not edges.search(source.name)
    ]

    assert not found


def test_the_clock_is_imported_by_its_module():
    """A bare `now` would be a separate name in each module, and tests could not stop the clock in one place."""
    found = [
        f"{source.name}:{node.lineno}"
        for source in sources(tests=True)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and node.module in CLOCKS and {alias.name for alias in node.names} & NOW
    ]

    assert not found


def test_services_take_keywords_only():
    found = []
    for source in sources():
        if not is_service(source.name):
            continue
        for node in source.tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                arguments = {argument.arg for argument in node.args.kwonlyargs}
                positional = [argument.arg for argument in node.args.posonlyargs + node.args.args]
                if {"actor", "at"} & {*arguments, *positional} and positional:
                    found.append(f"{source.name}:{node.lineno} {node.name}")

    assert not found


def test_a_view_makes_one_call_to_a_service():
    found = {
        f"{source.name}: {name}": calls
        for source in sources()
        if re.search(r"(^|/|_)(views|viewsets)(\.py$|/)", source.name)
        for name, calls in service_calls(source.tree).items()
        if len(calls) > 1
    }

    assert set(found) == set(TWO_CALLS), found


def test_presenters_import_no_views_or_forms_and_call_nothing_that_writes():
    """They may import the result types of a writing service, to put them into words, but not its functions."""
    writing = {
        source.name.removesuffix(".py").replace("/", ".")
        for source in sources()
        if is_service(source.name) and "atomic" in source.text
    }
    found = [
        f"{source.name}:{node.lineno} {node.module}.{alias.name}"
        for source in sources()
        if "/presenters/" in source.name
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
        if {"views", "forms"} & {*node.module.split("."), alias.name}
        or f"{node.module}.{alias.name}" in writing
        or (node.module in writing and not alias.name[0].isupper())
    ]

    assert writing
    assert not found


def test_views_and_commands_write_nothing_themselves():
    written = re.compile(
        r"(\.objects\.(\w+\(.*\)\.)*(create|bulk_create|update|delete|get_or_create)|\.save|\.delete)$"
    )
    found = [
        f"{source.name}:{node.lineno}"
        for source in sources()
        if re.search(r"(^|/|_)views(\.py$|/)|/commands/", source.name)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and written.search(ast.unparse(node.func))
    ]

    assert not found


def test_csrf_protection_is_disabled_in_two_places_only():
    found = {
        f"{source.name}: {node.name}"
        for source in sources()
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and "csrf_exempt" in ast.unparse(node)
    }

    assert found <= set(CSRF_EXEMPT)


def test_money_is_never_a_float():
    found = [
        f"{source.name}:{node.lineno}"
        for source in sources()
        if MONEY.search(source.name) and not source.name.startswith(tuple(FLOATS))
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
    ]
    float_fields = [
        str(field)
        for model in apps.get_models()
        if model._meta.app_label in APPS
        for field in model._meta.local_fields
        if isinstance(field, models.FloatField) and model._meta.label != "common.Picture"
    ]

    assert not found
    assert not float_fields


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
COMPONENTS = sorted((ROOT / "templates" / "components").glob("*.html"))
MAX_WIDTH, MAX_COMPONENT = 120, 60
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*application/(?:ld\+)?json)[^>]*>|\son(?:click|load|change|submit|input|error)="
)
INLINE_STYLE = re.compile(r"\sstyle=\"|<style[\s>]")


def test_templates_contain_no_inline_code_and_no_queries():
    found = []
    for path in TEMPLATES:
        name, text = path.relative_to(ROOT / "templates").as_posix(), path.read_text()
        found += [f"{name}: {match}" for match in INLINE.findall(text)]
        found += [f"{name}: a query"] if ".objects" in text else []
        # Email clients do not support style sheets.
        found += (
            [f"{name}: inline style"]
            if not re.match(r"emails/|account/email/", name) and INLINE_STYLE.search(text)
            else []
        )

    assert not found


def test_no_template_has_long_lines():
    wide = {
        path.relative_to(ROOT).as_posix(): max(map(len, path.read_text().splitlines()))
        for path in [*TEMPLATES, *ROOT.glob("*/templates/**/*.html")]
        if any(len(line) > MAX_WIDTH for line in path.read_text().splitlines())
    }

    assert not wide


def test_components_are_small_and_list_their_variables():
    large = [path.name for path in COMPONENTS if path.read_text().count("\n") > MAX_COMPONENT]
    silent = [
        path.name for path in COMPONENTS if not re.match(r"(\{% load [^%]+%\}\s*)*(\{#|\{% comment)", path.read_text())
    ]

    assert not large
    assert not silent


def test_components_are_included_with_only():
    found = [
        f"{path.relative_to(ROOT)}: {tag}"
        for path in TEMPLATES
        for tag in re.findall(r"\{% include [\"']components/[^%]+%\}", path.read_text())
        if not re.search(r"\bonly\s*%\}$", tag)
    ]

    assert not found


# --- People's data -------------------------------------------------------------------------------


def test_every_field_that_looks_personal_or_takes_any_text_is_declared():
    declared = {(field.model, field.field) for field in personal_fields()}
    undeclared = [
        f"{model._meta.label}.{field.name}"
        for app in PERSONAL_APPS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.local_concrete_fields
        if not isinstance(field, (models.ForeignObject, models.BooleanField))
        and (PERSONAL_WORDS.search(field.name) or isinstance(field, (models.JSONField, models.TextField)))
        and (model._meta.label, field.name) not in declared
        and f"{model._meta.label}.{field.name}" not in NOT_PERSONAL
    ]

    assert not undeclared and not {*NOT_PERSONAL} & {f"{model}.{field}" for model, field in declared}


def test_every_declared_personal_field_exists_and_can_be_erased():
    for declared in personal_fields():
        model = apps.get_model(declared.model)
        field = model._meta.get_field(declared.field)
        if declared.erasure == "set to NULL":
            assert field.null, declared
        if issubclass(model, AppendOnlyModel):
            assert declared.field in model.erasable, declared


def people_models() -> list[type[models.Model]]:
    """Return every model with personal data: declared fields and everything that refers to an order or a cart."""
    labels = {field.model for field in personal_fields()}
    own = [model for app in ("orders", "checkout") for model in apps.get_app_config(app).get_models()]
    return [*{*(apps.get_model(label) for label in labels), *own}]


def test_wagtail_has_no_access_to_models_with_personal_data():
    import_module(settings.ROOT_URLCONF)

    for model in people_models():
        assert model not in get_snippet_models(), model
        assert model not in get_indexed_models(), model
        assert not ReferenceIndex.is_indexed(model), model
    assert "wagtail.contrib.forms" not in settings.INSTALLED_APPS
    assert "django.contrib.admin" not in settings.INSTALLED_APPS
