"""Rights handed from phone to phone."""

import django.db.models.deletion
from django.db import migrations, models

import betang.core.identifiers


class Migration(migrations.Migration):
    """Rights handed from phone to phone."""

    dependencies = [("accounts", "0005_nik"), ("distribution", "0005_days")]

    operations = [
        migrations.CreateModel(
            name='Transfer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=betang.core.identifiers.new_uuid, editable=False, unique=True)),
                ('event_sha256', models.BinaryField(unique=True)),
                ('at', models.DateTimeField()),
                ('rights_named', models.IntegerField()),
                ('rights_moved', models.IntegerField()),
                ('giver_heard_at', models.DateTimeField(null=True)),
                ('receiver_heard_at', models.DateTimeField(null=True)),
                ('from_device', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.device')),
                ('from_lease', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.lease')),
                ('to_device', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.device')),
                ('to_lease', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.lease')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('from_device', models.F('to_device')), _negated=True), name='transfer_between_two'), models.CheckConstraint(condition=models.Q(('giver_heard_at__isnull', False), ('receiver_heard_at__isnull', False), _connector='OR'), name='transfer_told_by_somebody'), models.CheckConstraint(condition=models.Q(('rights_moved__gte', 0), ('rights_moved__lte', models.F('rights_named')), models.Q(('rights_moved', 0), ('to_lease__isnull', False), _connector='OR')), name='transfer_moves_into_a_lease')],
            },
        ),
    ]
