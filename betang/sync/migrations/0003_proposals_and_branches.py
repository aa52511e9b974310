"""Acts about a chain that take two persons, and a decision for the second branch of a fork."""

import betang.core.identifiers
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_proofuse'),
        ('sync', '0002_rules'),
    ]

    operations = [
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=betang.core.identifiers.new_uuid, editable=False, unique=True)),
                ('act', models.CharField(max_length=16)),
                ('reason_sealed', models.BinaryField()),
                ('state', models.CharField(default='waiting', max_length=8)),
                ('proposed_by', models.UUIDField()),
                ('proposed_by_person', models.UUIDField()),
                ('proposed_at', models.DateTimeField()),
                ('ended_by_person', models.UUIDField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='fieldevent',
            name='event_state_known',
        ),
        migrations.AddField(
            model_name='fieldeventfork',
            name='state',
            field=models.CharField(db_default='waiting', default='waiting', max_length=8),
        ),
        migrations.AddConstraint(
            model_name='fieldevent',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['applied', 'waiting', 'parked', 'held', 'refused'])), name='event_state_known'),
        ),
        migrations.AddConstraint(
            model_name='fieldeventfork',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'applied', 'refused'])), name='fork_event_state_known'),
        ),
        migrations.AddField(
            model_name='proposal',
            name='device',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.device'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('device',), name='one_proposal_a_device'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'done', 'returned'])), name='proposal_state_known'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), models.Q(('ended_by_person', models.F('proposed_by_person')), _negated=True), _connector='OR'), name='proposal_takes_two'),
        ),
    ]
