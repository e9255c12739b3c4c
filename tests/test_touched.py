"""After a test only invariants on the tables it wrote to run again; a missed write would hide a fault."""

import pytest
from django.db import connection, transaction

from accounts.models import AuditEntry, User
from common.registry import invariants
from stock.models import Shop, StockLevel
from stock.tests.factories import make_shop
from tests.fixtures import OF_THE_DATABASE, _read_by_invariants
from tests.touched import named, noting, written

pytestmark = pytest.mark.django_db


def test_the_tables_of_each_invariant_are_known():
    reads = _read_by_invariants()

    assert set(reads) == {check.id for check in invariants()} - OF_THE_DATABASE
    # I31 reads the database's catalogue, not a table of ours, so it runs after every test.
    assert [id for id, read in reads.items() if not read] == ["I31"]


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("INSERT INTO stock_stocklevel (id) SELECT id FROM stock_shop", {"stock_stocklevel", "stock_shop"}),
        ('update "stock_shop" set "is_active" = true', {"stock_shop"}),
        ("WITH gone AS (DELETE FROM stock_shop RETURNING id) SELECT * FROM gone", {"stock_shop"}),
        ("TRUNCATE stock_shop CASCADE", {"stock_shop"}),
        ("SELECT id FROM stock_shop", set()),
        ("SELECT id FROM stock_shop FOR UPDATE", set()),
        ("SELECT id FROM stock_shop ORDER BY id FOR NO KEY UPDATE OF stock_shop", set()),
    ],
)
def test_the_tables_a_statement_may_write_to_are_found(sql, tables):
    assert written(sql) == tables


def test_writes_of_every_kind_are_noted():
    with noting(written) as touched:
        shop = make_shop()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE accounts_user SET is_active = is_active")
            cursor.executemany("DELETE FROM accounts_auditentry WHERE id = %s", [(-1,), (-2,)])
        StockLevel.objects.bulk_create([])
        Shop.objects.filter(pk=shop.pk).update(is_active=True)

    assert {Shop._meta.db_table, User._meta.db_table, AuditEntry._meta.db_table} <= touched
    assert StockLevel._meta.db_table not in touched


def test_the_tables_a_query_reads_are_found():
    assert named('SELECT * FROM "stock_shop" s JOIN stock_stocklevel l ON l.shop_id = s.id') == {
        "stock_shop",
        "stock_stocklevel",
    }
