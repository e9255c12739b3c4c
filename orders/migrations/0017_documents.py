import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0016_cash_book'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DocumentSeries',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('receipt', 'Receipt'), ('invoice', 'Invoice'), ('credit_note', 'Credit note')], max_length=11)),
                ('year', models.PositiveSmallIntegerField()),
                ('last_number', models.PositiveIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'year'), name='documentseries_kind_year')],
            },
        ),
        migrations.CreateModel(
            name='SellerSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('legal_name', models.CharField(blank=True, max_length=120, verbose_name='legal name')),
                ('address', models.TextField(blank=True, help_text='One line for each line of the address.', max_length=300, verbose_name='address')),
                ('registration_number', models.CharField(blank=True, max_length=40, verbose_name='registration number')),
                ('vat_number', models.CharField(blank=True, max_length=40, verbose_name='VAT number')),
                ('footer', models.TextField(blank=True, help_text='For example the bank account, or a sentence that the law asks for.', max_length=300, verbose_name='text at the foot')),
                ('receipt_prefix', models.CharField(default='R', max_length=8, validators=[django.core.validators.RegexValidator('^[A-Z0-9]{1,8}\\Z', 'Enter one to eight capital letters from A to Z, or figures.')], verbose_name='receipts')),
                ('invoice_prefix', models.CharField(default='INV', max_length=8, validators=[django.core.validators.RegexValidator('^[A-Z0-9]{1,8}\\Z', 'Enter one to eight capital letters from A to Z, or figures.')], verbose_name='invoices')),
                ('credit_prefix', models.CharField(default='CN', max_length=8, validators=[django.core.validators.RegexValidator('^[A-Z0-9]{1,8}\\Z', 'Enter one to eight capital letters from A to Z, or figures.')], verbose_name='credit notes')),
            ],
            options={
                'verbose_name': 'seller',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('receipt_prefix', models.F('invoice_prefix')), _negated=True), models.Q(('receipt_prefix', models.F('credit_prefix')), _negated=True), models.Q(('invoice_prefix', models.F('credit_prefix')), _negated=True)), name='seller_prefixes_differ', violation_error_message='Each kind of document needs a beginning of its own.')],
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('receipt', 'Receipt'), ('invoice', 'Invoice'), ('credit_note', 'Credit note')], max_length=11)),
                ('year', models.PositiveSmallIntegerField()),
                ('number', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=32, unique=True)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12)),
                ('currency', models.CharField(max_length=3)),
                ('content', models.JSONField()),
                ('content_hash', models.CharField(max_length=64)),
                ('buyer_name', models.CharField(blank=True, max_length=150, null=True)),
                ('buyer_lines', models.TextField(blank=True, null=True)),
                ('buyer_vat', models.CharField(blank=True, max_length=40, null=True)),
                ('issued_at', models.DateTimeField()),
                ('actor_label', models.CharField(max_length=150)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='orders.order')),
            ],
            options={
                'verbose_name': 'document',
                'verbose_name_plural': 'documents',
                'constraints': [models.UniqueConstraint(fields=('kind', 'year', 'number'), name='document_number'), models.UniqueConstraint(condition=models.Q(('kind__in', ['receipt', 'invoice'])), fields=('order', 'kind'), name='document_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['receipt', 'invoice', 'credit_note'])), name='document_kind_known'), models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='document_number_positive'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='document_amount_positive')],
            },
        ),
    ]
