"""Days at a point, invitations, parts and home needs; and what Django cannot say about them.

An invitation's day and cycle are one reference, so that a family never stands in the queue of a day
of another cycle. Only its end changes later, so its rows are packed.
"""

import betang.core.identifiers
import django.db.models.deletion
from django.db import migrations, models


FORWARD = """
ALTER TABLE distribution_day ADD CONSTRAINT day_and_its_cycle UNIQUE (id, cycle_id);
ALTER TABLE distribution_invitation ADD CONSTRAINT invitation_of_a_day_of_its_cycle
    FOREIGN KEY (day_id, cycle_id) REFERENCES distribution_day (id, cycle_id);
ALTER TABLE distribution_day
    ALTER COLUMN state SET DEFAULT 'planned', ALTER COLUMN last_queue SET DEFAULT 0;
ALTER TABLE distribution_day SET (fillfactor = 80);
ALTER TABLE distribution_invitation ALTER COLUMN mode SET DEFAULT 'point';
ALTER TABLE distribution_daypart
    ALTER COLUMN left_told SET DEFAULT '[]', ALTER COLUMN photos SET DEFAULT '[]';
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_device_reports'),
        ('areas', '0002_active_points'),
        ('distribution', '0004_lease_move'),
        ('programmes', '0004_withdrawal_rules'),
        ('registry', '0004_provisional'),
    ]

    operations = [
        migrations.CreateModel(
            name='Day',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=betang.core.identifiers.new_uuid, editable=False, unique=True)),
                ('held_on', models.DateField()),
                ('opens', models.TimeField()),
                ('closes', models.TimeField()),
                ('state', models.CharField(default='planned', max_length=9)),
                ('last_queue', models.IntegerField(default=0)),
                ('reason', models.CharField(max_length=8, null=True)),
                ('note_sealed', models.BinaryField(null=True)),
                ('cycle', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programmes.cycle')),
                ('point', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.distributionpoint')),
            ],
        ),
        migrations.CreateModel(
            name='DayPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('opened_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('heard_at', models.DateTimeField()),
                ('served_told', models.IntegerField(null=True)),
                ('absent_told', models.IntegerField(null=True)),
                ('left_told', models.JSONField(default=list)),
                ('closing_event', models.UUIDField(null=True)),
                ('attachment_sha256', models.BinaryField(null=True)),
                ('photos', models.JSONField(default=list)),
                ('day', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.day')),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.device')),
            ],
        ),
        migrations.CreateModel(
            name='HomeNeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=8)),
                ('told_at', models.DateTimeField()),
                ('device', models.UUIDField(null=True)),
                ('event', models.UUIDField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('household', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.household')),
            ],
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('queue', models.IntegerField()),
                ('slot', models.TimeField()),
                ('mode', models.CharField(default='point', max_length=5)),
                ('reason', models.CharField(max_length=8, null=True)),
                ('ended', models.CharField(max_length=9, null=True)),
                ('cycle', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programmes.cycle')),
                ('day', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.day')),
                ('household', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.household')),
            ],
        ),
        migrations.AddIndex(
            model_name='day',
            index=models.Index(fields=['held_on', 'id'], name='day_by_date'),
        ),
        migrations.AddConstraint(
            model_name='day',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'cancelled'), _negated=True), fields=('point', 'cycle', 'held_on'), name='one_day_a_point_and_date'),
        ),
        migrations.AddConstraint(
            model_name='day',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['planned', 'opened', 'closed', 'cancelled'])), name='day_state_known'),
        ),
        migrations.AddConstraint(
            model_name='day',
            constraint=models.CheckConstraint(condition=models.Q(('closes__gt', models.F('opens'))), name='day_has_a_length'),
        ),
        migrations.AddConstraint(
            model_name='day',
            constraint=models.CheckConstraint(condition=models.Q(('last_queue__gte', 0)), name='day_queue_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='day',
            constraint=models.CheckConstraint(condition=models.Q(('reason__isnull', True), ('reason__in', ['flood', 'road', 'goods', 'officer', 'safety', 'other']), _connector='OR'), name='day_reason_known'),
        ),
        migrations.AddConstraint(
            model_name='day',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'cancelled'), _negated=True), ('reason__isnull', False), _connector='OR'), name='day_cancelled_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='daypart',
            constraint=models.UniqueConstraint(fields=('day', 'device'), name='one_part_a_device'),
        ),
        migrations.AddConstraint(
            model_name='daypart',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('absent_told__isnull', True), ('closed_at__isnull', True), ('served_told__isnull', True)), models.Q(('absent_told__gte', 0), ('absent_told__isnull', False), ('closed_at__isnull', False), ('served_told__gte', 0), ('served_told__isnull', False)), _connector='OR'), name='part_closed_with_its_counts'),
        ),
        migrations.AddConstraint(
            model_name='homeneed',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('household',), name='one_need_a_family'),
        ),
        migrations.AddConstraint(
            model_name='homeneed',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['sick', 'elderly', 'disabled'])), name='need_reason_known'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(condition=models.Q(('ended__isnull', True)), fields=('cycle', 'household'), name='invited_once_a_cycle'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(fields=('day', 'queue'), name='queue_number_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('queue__gte', 1)), name='queue_from_one'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('mode', 'point'), ('reason__isnull', True)), models.Q(('mode', 'home'), ('reason__in', ['sick', 'elderly', 'disabled']), ('reason__isnull', False)), _connector='OR'), name='home_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('ended__isnull', True), ('ended__in', ['moved', 'absent', 'cancelled']), _connector='OR'), name='invitation_end_known'),
        ),
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
    ]
