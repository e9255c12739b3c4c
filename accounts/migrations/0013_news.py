"""Consent to news stands with the account and can be withdrawn; what was agreed to at the counter goes there."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def take_over_consent(apps, schema_editor):
    agreed = apps.get_model("accounts", "Registration").objects.filter(agreed_to_news=True, user__erased_at=None)
    first = agreed.filter(user=OuterRef("pk")).order_by("at").values("at")[:1]
    users = apps.get_model("accounts", "User").objects
    users.filter(pk__in=agreed.values("user")).update(news_agreed_at=Subquery(first))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_sign_ups_mailed"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="news_agreed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(take_over_consent, migrations.RunPython.noop),
    ]
