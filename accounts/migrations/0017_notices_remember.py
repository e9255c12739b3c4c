from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0016_notices'),
    ]

    operations = [
        migrations.AddField(
            model_name='notice',
            name='had_second_factor',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='notice',
            name='is_of_email',
            # Each notice written so far put the address back.
            field=models.BooleanField(default=True),
        ),
        migrations.AlterField(
            model_name='notice',
            name='is_of_email',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='mailrequest',
            name='kind',
            field=models.CharField(choices=[('confirm', 'confirm an address'), ('reset', 'choose a password'), ('taken', 'tell that an account was taken back')], max_length=8),
        ),
    ]
