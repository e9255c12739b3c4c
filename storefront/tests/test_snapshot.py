"""check_invariants: its report, its exit status, and that it blocks nobody."""

import json

import pytest
from django.core.management import call_command
from django.db import connection

from common.outbox.models import OutboxMessage
from common.registry import Invariant
from storefront.services import snapshot


@pytest.mark.django_db
def test_an_empty_shop_is_consistent(capsys):
    call_command("check_invariants", "--json")

    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is True
    assert set(report) == {"ok", "at", "checks"}
    assert {"I22", "I31"} <= {check["id"] for check in report["checks"]}
    assert all(set(check) == {"id", "ok", "count", "rows"} for check in report["checks"])


@pytest.mark.django_db
@pytest.mark.violates
def test_a_violation_is_named_and_the_exit_status_is_one(at, capsys):
    OutboxMessage.objects.bulk_create(
        OutboxMessage(event="mail", key=f"k{n}", due_at=at, created_at=at, parked_at=at) for n in range(25)
    )

    with pytest.raises(SystemExit) as ended:
        call_command("check_invariants", "--json")

    check = next(c for c in json.loads(capsys.readouterr().out)["checks"] if c["id"] == "I23")
    assert ended.value.code == 1
    assert check["ok"] is False
    assert check["count"] == 25
    assert len(check["rows"]) == 20
    assert check["rows"][0]["event"] == "mail"


@pytest.mark.django_db
@pytest.mark.violates
def test_the_text_names_the_violation(at, capsys):
    OutboxMessage.objects.create(event="mail", key="k", due_at=at, created_at=at, parked_at=at)

    with pytest.raises(SystemExit):
        call_command("check_invariants")

    text = capsys.readouterr().out
    assert "   1 I23 no parked outbox message waits for a person" in text
    assert text.rstrip().endswith("invariants broken.")


@pytest.mark.django_db(transaction=True)
def test_all_checks_see_one_snapshot(at, monkeypatch):
    """Neither of two checks sees a row written between them."""
    seen = []

    def look(at):
        seen.append((connection.in_atomic_block, isolation()))
        return []

    monkeypatch.setattr(snapshot, "invariants", lambda: [Invariant("X1", "one", look), Invariant("X2", "two", look)])

    report = snapshot.check_all(at=at)

    assert report.ok
    assert seen == [(True, ("repeatable read", "on"))] * 2
    assert not connection.in_atomic_block


def isolation() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')")
        return cursor.fetchone()
