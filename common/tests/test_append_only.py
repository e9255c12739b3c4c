"""Append-only tables."""

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import AuditEntry, User
from common.append_only import install_triggers, missing_triggers, trigger_names

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(at):
    return AuditEntry.objects.create(actor_label="Anna", action="reveal", target="order:1", at=at)


def test_vendor_is_postgresql():
    assert connection.vendor == "postgresql"


def test_update_is_refused(entry):
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(action="nothing")


def test_delete_is_refused(entry):
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).delete()


def test_erasable_columns_may_be_cleared(entry):
    AuditEntry.objects.filter(pk=entry.pk).update(actor_label="")

    assert AuditEntry.objects.get(pk=entry.pk).actor_label == ""


def test_deleting_the_actor_keeps_the_row(entry):
    user = User.objects.create_user("a@example.com", name="A")
    entry = AuditEntry.objects.create(actor=user, actor_label="A", action="reveal", target="order:2", at=entry.at)

    user.delete()

    assert AuditEntry.objects.get(pk=entry.pk).actor is None


@pytest.mark.violates
def test_a_dropped_guard_is_detected_and_restored():
    name = trigger_names(AuditEntry)[0]
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TRIGGER "{name}" ON accounts_auditentry')
    assert name in missing_triggers()

    install_triggers()

    assert missing_triggers() == []
