"""The invariants of the database itself find planted violations."""

import threading

import pytest
from django.db import connection, connections, transaction

from accounts.models import AuditEntry
from common import invariants
from common.page_changes.triggers import trigger_name

pytestmark = [pytest.mark.django_db, pytest.mark.violates]


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_consistent_database_violates_nothing(at):
    for find in (invariants.sequences_lead, invariants.constraints_are_in_force, invariants.guards_in_place):
        assert list(find(at)) == []
    assert list(invariants.nobody_holds_up_the_database(at)) == []


def test_i30_finds_a_sequence_left_behind(at):
    AuditEntry.objects.create(pk=10**6, action="x", target="x", actor_label="x", at=at)

    assert [row["name"] for row in invariants.sequences_lead(at)] == ["accounts_auditentry"]


def test_i31_finds_a_dropped_guard(at):
    execute("DROP TRIGGER stock_stockmovement_no_update ON stock_stockmovement")

    assert invariants.guards_in_place(at) == [{"trigger": "stock_stockmovement_no_update"}]


def test_i31_finds_a_disabled_guard(at):
    execute("ALTER TABLE stock_stockmovement DISABLE TRIGGER stock_stockmovement_no_delete")

    assert invariants.guards_in_place(at) == [{"trigger": "stock_stockmovement_no_delete"}]


def test_i31_finds_a_guard_on_the_wrong_table(at):
    execute("DROP TRIGGER stock_stockmovement_no_delete ON stock_stockmovement")
    execute(
        "CREATE TRIGGER stock_stockmovement_no_delete BEFORE DELETE ON stock_stocklevel"
        " FOR EACH ROW EXECUTE FUNCTION refuse_append_only()"
    )

    assert invariants.guards_in_place(at) == [{"trigger": "stock_stockmovement_no_delete"}]


def test_i31_finds_a_guard_that_refuses_nothing(at):
    execute("CREATE FUNCTION allow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$")
    execute("DROP TRIGGER stock_stockmovement_no_delete ON stock_stockmovement")
    execute(
        "CREATE TRIGGER stock_stockmovement_no_delete BEFORE DELETE ON stock_stockmovement"
        " FOR EACH ROW EXECUTE FUNCTION allow()"
    )

    assert invariants.guards_in_place(at) == [{"trigger": "stock_stockmovement_no_delete"}]


def test_i47_finds_a_table_that_tells_nobody(at):
    name = trigger_name("products_sku", "UPDATE")
    execute(f"DROP TRIGGER {name} ON products_sku")

    assert [row["trigger"] for row in invariants.pages_are_told(at)] == [name]


def test_i31b_finds_an_unvalidated_constraint(at):
    execute("ALTER TABLE orders_order ADD CONSTRAINT later CHECK (total < 0) NOT VALID")

    assert invariants.constraints_are_in_force(at) == [{"name": "later"}]


@pytest.mark.django_db(transaction=True)
def test_i33_finds_a_forgotten_transaction(at, monkeypatch):
    opened, looked = threading.Event(), threading.Event()

    def forget():
        with transaction.atomic():
            AuditEntry.objects.exists()
            opened.set()
            looked.wait(10)
        connections.close_all()

    thread = threading.Thread(target=forget)
    thread.start()
    assert opened.wait(10)
    monkeypatch.setattr(invariants, "FORGOTTEN", "0 s")
    found = invariants.nobody_holds_up_the_database(at)
    looked.set()
    thread.join()

    assert [row["state"] for row in found] == ["idle in transaction"]
