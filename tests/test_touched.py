"""After a test only those invariants run again whose tables it wrote to; a write that is missed would hide a fault."""

import pytest
from django.db import connection, transaction

from accounts.models import AuditEntry, User
from common.registry import invariants
from stock.models import Shop, StockLevel
from stock.tests.factories import make_shop
from tests.fixtures import OF_THE_DATABASE, _read_by_invariants
from tests.touched import named, noting, written

pytestmark = pytest.mark.django_db


def test_what_each_invariant_reads_is_known():
    reads = _read_by_invariants()

    assert set(reads) == {check.id for check in invariants()} - OF_THE_DATABASE
    # I31 asks the catalogue of the database, not a table of ours: it runs after every test.
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
def test_a_statement_tells_what_it_may_write_to(sql, tables):
    assert written(sql) == tables


def test_writes_of_every_way_are_noted():
    with noting(written) as touched:
        shop = make_shop()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE accounts_user SET is_active = is_active")
            cursor.executemany("DELETE FROM accounts_auditentry WHERE id = %s", [(-1,), (-2,)])
        StockLevel.objects.bulk_create([])
        Shop.objects.filter(pk=shop.pk).update(is_active=True)

    assert {Shop._meta.db_table, User._meta.db_table, AuditEntry._meta.db_table} <= touched
    assert StockLevel._meta.db_table not in touched


def test_what_a_query_reads_is_named():
    assert named('SELECT * FROM "stock_shop" s JOIN stock_stocklevel l ON l.shop_id = s.id') == {
        "stock_shop",
        "stock_stocklevel",
    }
