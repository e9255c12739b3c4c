"""A registration is known by the form that made it: sent twice, it is one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_sessions_of_accounts"),
    ]

    operations = [
        migrations.AddField(
            model_name="registration",
            name="nonce",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.UniqueConstraint(
                condition=models.Q(("nonce", ""), _negated=True),
                fields=("actor", "nonce"),
                name="registration_nonce_once",
            ),
        ),
    ]
