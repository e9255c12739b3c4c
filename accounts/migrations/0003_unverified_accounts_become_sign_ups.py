from django.db import migrations


def note_unverified(apps, schema_editor):
    """Turn customers' accounts whose mailbox was never proven into sign-ups: they could never be signed in to."""
    User = apps.get_model("accounts", "User")
    SignUp = apps.get_model("accounts", "SignUp")
    EmailAddress = apps.get_model("account", "EmailAddress")
    proven = EmailAddress.objects.filter(verified=True).values("user_id")
    noted = EmailAddress.objects.filter(primary=True, verified=False).values("user_id")
    waiting = User.objects.filter(
        pk__in=noted, groups=None, is_superuser=False, last_login=None, email__isnull=False
    ).exclude(pk__in=proven)
    for user in waiting.iterator():
        SignUp.objects.create(
            email=user.email, name=user.name or "", phone=str(user.phone or ""), password=user.password,
            language=user.language, created_at=user.date_joined,
        )
        EmailAddress.objects.filter(user_id=user.pk).delete()
        user.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_sign_ups"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(note_unverified, migrations.RunPython.noop)]
