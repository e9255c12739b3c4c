import django.db.models.functions.datetime
from django.db import migrations, models
from django.db.models import Case, F, When


def fill(apps, schema_editor):
    """Messages that were tried have moved their due_at; they were first due soon after they were written."""
    waiting = apps.get_model("common", "OutboxMessage").objects.filter(done_at=None)
    waiting.update(first_due_at=Case(When(attempts=0, then=F("due_at")), default=F("created_at")))


class Migration(migrations.Migration):

    dependencies = [
        ('common', '0004_outbox_parked_index'),
    ]

    operations = [
        migrations.AddField(
            model_name='outboxmessage',
            name='first_due_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
