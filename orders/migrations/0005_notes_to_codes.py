"""Turn the sentences that services wrote as notes into codes; what people wrote stays a note."""

from django.db import migrations

PLAIN = {
    "mail refused": "mail_refused",
    "not collected in time": "not_collected_in_time",
    "not paid in time": "not_paid_in_time",
    "paid after the hold ended; stock was still there": "paid_late",
    "paid online": "paid_online",
    "payment failed": "payment_failed",
    "refund refused by the gateway": "refund_refused",
    "refunded at the gateway, not by the shop": "refunded_at_gateway",
}
WITH_PARAMS = {
    "payment needs a person: ": ("payment_parked", "problem"),
    "money given back: ": ("refund_started", "reason"),
}
MACHINES = ("worker", "demo_bank")
UNDONE = [("preparing", "placed"), ("ready", "preparing"), ("in_transit", "ready")]


def code_notes(apps, schema_editor):
    # The guard against updates is made again after every migrate (common.append_only).
    on_table = "" if schema_editor.connection.vendor == "sqlite" else " ON orders_orderevent"
    schema_editor.execute(f"DROP TRIGGER IF EXISTS orders_orderevent_no_update{on_table}")
    events = apps.get_model("orders", "OrderEvent").objects
    for source, target in UNDONE:
        events.filter(note="undo", from_status=source, to_status=target).update(code="undo", note="")
    by_machines = events.filter(actor_id=None, actor_label__in=MACHINES)
    for note, code in PLAIN.items():
        by_machines.filter(note=note).update(code=code, note="")
    for start, (code, name) in WITH_PARAMS.items():
        coded = by_machines.filter(note__startswith=start)
        for note in coded.order_by().values_list("note", flat=True).distinct():
            by_machines.filter(note=note).update(code=code, params={name: note.removeprefix(start)}, note="")


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_event_code")]

    operations = [migrations.RunPython(code_notes, migrations.RunPython.noop)]
