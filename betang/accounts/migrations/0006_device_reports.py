"""What a device told of itself, that it is to be wiped, and which one it replaces."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('accounts', '0005_nik'),
    ]

    operations = [
        migrations.AddField(
            model_name='device',
            name='app_number',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='device',
            name='battery_percent',
            field=models.SmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='device',
            name='clock_ahead_s',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='device',
            name='kind',
            field=models.TextField(choices=[('phone', 'HP'), ('edc', 'Mesin EDC'), ('shell', 'Aplikasi lain')], default='phone'),
        ),
        migrations.AddField(
            model_name='device',
            name='list_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='device',
            name='list_seq',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='device',
            name='oldest_unsent_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='device',
            name='replaces',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='successors', to='accounts.device'),
        ),
        migrations.AddField(
            model_name='device',
            name='ring_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='device',
            name='roster_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='device',
            name='storage_persisted',
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name='device',
            name='told_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='device',
            name='unsent',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='device',
            name='wipe_ordered_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='device',
            name='wiped_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='enrolmentcode',
            name='replaces',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.device'),
        ),
        migrations.AddConstraint(
            model_name='device',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['phone', 'edc', 'shell'])), name='device_kind'),
        ),
        migrations.AddConstraint(
            model_name='device',
            constraint=models.CheckConstraint(condition=models.Q(('wiped_at__isnull', True), ('wipe_ordered_at__isnull', False), _connector='OR'), name='device_wiped_on_order'),
        ),
        migrations.AddConstraint(
            model_name='device',
            constraint=models.CheckConstraint(condition=models.Q(('wipe_ordered_at__isnull', True), models.Q(('state__in', ['active', 'pending']), _negated=True), _connector='OR'), name='device_to_wipe_is_stopped'),
        ),
    ]
