from django.db import migrations
from django.db.models.functions import Now

ROLES = ("owner", "shop_manager", "employee", "courier", "editor", "price_manager")


def verify_staff(apps, schema_editor):
    """Keep the phones of staff, which an owner entered, for signing in; those of customers have to be verified."""
    User = apps.get_model("accounts", "User")
    Group = apps.get_model("auth", "Group")
    staff = Group.objects.filter(name__in=ROLES).values("user__pk")
    User.objects.filter(phone=None).exclude(phone_verified_at=None).update(phone_verified_at=None)
    User.objects.filter(pk__in=staff, phone__isnull=False, phone_verified_at=None).update(phone_verified_at=Now())


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_registrations"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(verify_staff, migrations.RunPython.noop)]
