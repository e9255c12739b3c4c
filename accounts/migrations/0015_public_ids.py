import uuid

from django.db import migrations, models

BATCH = 2_000


def name_accounts(apps, schema_editor):
    """Give each account the id by which programs know it."""
    User = apps.get_model("accounts", "User")
    last = 0
    while batch := list(User.objects.filter(pk__gt=last).order_by("pk").only("pk")[:BATCH]):
        for user in batch:
            user.public_id = uuid.uuid4()
        User.objects.bulk_update(batch, ["public_id"])
        last = batch[-1].pk


class Migration(migrations.Migration):
    dependencies = [("accounts", "0014_reasons_of_reveals")]

    operations = [
        migrations.AddField("user", "public_id", models.UUIDField(default=uuid.uuid4, editable=False, null=True)),
        migrations.RunPython(name_accounts, migrations.RunPython.noop),
        migrations.AlterField("user", "public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
    ]
