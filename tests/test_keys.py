"""Unique columns that people may change are not keys to PostgreSQL: a change would block inserts that refer to it.

And what CHECKs compute is rounded.
"""

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import CheckConstraint

from tests.sources import APPS

pytestmark = pytest.mark.django_db

# Unique, on a table that others refer to, but never changed where it could block a buyer.
KEYS = {
    ("accounts_user", ("public_id",)): "written once",
    ("accounts_user", ("email",)): "changed by its owner, in a transaction that locks nothing after it",
    ("checkout_cart", ("public_id",)): "written once",
    ("checkout_cart", ("token",)): "written once",
    ("orders_order", ("cart_key",)): "written once",
    ("orders_order", ("collect_secret",)): "written once",
    ("orders_order", ("number",)): "written once",
    ("orders_order", ("token",)): "written once",
    ("orders_orderline", ("order_id", "position")): "written once",
    ("orders_payment", ("public_id",)): "written once",
    ("orders_refunddocument", ("order_id", "nonce")): "written once",
    ("products_attributevalue", ("attribute_id", "code")): "an attribute's form identifies its values by it",
}

_KEYS = """
SELECT DISTINCT c.relname, ARRAY(
  SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY k(number, position)
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number ORDER BY k.position
) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE i.indisunique AND NOT i.indisprimary AND i.indpred IS NULL AND i.indexprs IS NULL
AND c.relnamespace = current_schema()::regnamespace
AND EXISTS (SELECT 1 FROM pg_constraint f WHERE f.contype = 'f' AND f.confrelid = i.indrelid)
"""


def test_every_changeable_unique_column_has_a_partial_index():
    """See `common.constraints.unique_name`."""
    ours = {model._meta.db_table for model in apps.get_models() if model.__module__.split(".")[0] in APPS}
    with connection.cursor() as cursor:
        cursor.execute(_KEYS)
        found = {(table, tuple(columns)) for table, columns in cursor.fetchall() if table in ours}

    assert found == set(KEYS)


def test_no_check_computes_without_rounding():
    """SQLite computes decimals as floats: 27.17 - 0.52 is not 26.65 there."""
    found = [
        f"{model._meta.label}.{constraint.name}"
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint) and "CombinedExpression" in repr(constraint.condition)
        if "Round(" not in repr(constraint.condition)
    ]

    assert found == []
