"""What the field left for the office to do about a family; who takes messages for one without a house."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0004_provisional'),
    ]

    operations = [
        migrations.AddField(
            model_name='household',
            name='custodian',
            field=models.TextField(null=True),
        ),
        migrations.AddField(
            model_name='household',
            name='custodian_contact_sealed',
            field=models.BinaryField(null=True),
        ),
        migrations.CreateModel(
            name='FollowUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField()),
                ('kind', models.TextField()),
                ('facts', models.JSONField(default=dict)),
                ('attachment_sha256', models.BinaryField(null=True)),
                ('opened_at', models.DateTimeField()),
                ('device', models.UUIDField()),
                ('event', models.UUIDField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by', models.UUIDField(null=True)),
                ('closed_how', models.TextField(default='')),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.household')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['opened_at'], name='registry_followup_open_by_age')],
                'constraints': [models.UniqueConstraint(fields=('uuid',), name='registry_followup_uuid'), models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('household', 'kind'), name='registry_followup_open_once'), models.CheckConstraint(condition=models.Q(('kind__in', ('home_missing', 'moved', 'deceased', 'not_found', 'refused', 'aid_refused'))), name='registry_followup_kind'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_how', '')), models.Q(('closed_at__isnull', False), models.Q(('closed_how', ''), _negated=True)), _connector='OR'), name='registry_followup_closed_how')],
            },
        ),
    ]
