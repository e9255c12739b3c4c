from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0006_gateway_outages'),
        ('stock', '0003_names_are_no_keys'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='waived',
            field=models.DecimalField(decimal_places=2, default=0, max_digits=12),
        ),
        migrations.AddField(
            model_name='payment',
            name='accepted',
            field=models.CharField(blank=True, max_length=32),
        ),
        migrations.AddField(
            model_name='payment',
            name='reported_amount',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True),
        ),
        migrations.AddField(
            model_name='payment',
            name='reported_currency',
            field=models.CharField(blank=True, max_length=3),
        ),
        migrations.AddField(
            model_name='payment',
            name='reported_state',
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AlterField(
            model_name='order',
            name='cancel_reason',
            field=models.CharField(blank=True, choices=[('customer', 'Cancelled by the customer'), ('shop', 'Cancelled by the shop'), ('expired', 'Expired')], max_length=8),
        ),
        migrations.AlterField(
            model_name='payment',
            name='state',
            field=models.CharField(choices=[('pending', 'Waiting'), ('authorised', 'Authorised'), ('captured', 'Paid'), ('failed', 'Failed'), ('cancelled', 'Cancelled'), ('parked', 'Needs attention'), ('settled', 'Settled by hand')], default='pending', max_length=10),
        ),
        migrations.AlterField(
            model_name='refund',
            name='state',
            field=models.CharField(choices=[('pending', 'Waiting'), ('done', 'Refunded'), ('failed', 'Failed'), ('replaced', 'Replaced by another refund'), ('outside', 'Refunded by hand')], default='pending', max_length=8),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('state', 'parked')), fields=['created_at'], name='payment_parked'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('note', ''), _negated=True), fields=['note'], name='payment_noted'),
        ),
        migrations.AddIndex(
            model_name='refund',
            index=models.Index(condition=models.Q(('state', 'failed')), fields=['created_at'], name='refund_failed'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('waived__gte', 0), ('waived__lte', models.F('total'))), name='order_waived_in_total'),
        ),
    ]
