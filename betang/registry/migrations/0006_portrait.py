"""The family's portrait: one shown a household, never without consent."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0005_follow_up'),
    ]

    operations = [
        migrations.AddField(
            model_name='householdproposal',
            name='portrait_sha256',
            field=models.BinaryField(null=True),
        ),
        migrations.CreateModel(
            name='Portrait',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField()),
                ('event_sha256', models.BinaryField()),
                ('source', models.TextField()),
                ('source_sha256', models.BinaryField()),
                ('device', models.UUIDField()),
                ('consented_at', models.DateTimeField()),
                ('heard_at', models.DateTimeField()),
                ('state', models.TextField(default='waiting')),
                ('thumbnail_sha256', models.BinaryField(null=True)),
                ('digest', models.BinaryField(null=True)),
                ('reason', models.TextField(default='')),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by_person', models.UUIDField(null=True)),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.household')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['consented_at'], name='registry_portrait_waiting'), models.Index(fields=['household', '-consented_at'], name='registry_portrait_of')],
                'constraints': [models.UniqueConstraint(fields=('uuid',), name='registry_portrait_uuid'), models.UniqueConstraint(fields=('event_sha256',), name='registry_portrait_event'), models.UniqueConstraint(condition=models.Q(('state', 'shown')), fields=('household',), name='registry_portrait_one_shown'), models.CheckConstraint(condition=models.Q(('state__in', ('waiting', 'shown', 'replaced', 'rejected', 'unreadable', 'ended'))), name='registry_portrait_state'), models.CheckConstraint(condition=models.Q(('source__in', ('visit', 'registration'))), name='registry_portrait_source'), models.CheckConstraint(condition=models.Q(models.Q(('digest__isnull', False), ('state', 'shown'), ('thumbnail_sha256__isnull', False)), models.Q(models.Q(('state', 'shown'), _negated=True), ('thumbnail_sha256__isnull', True), ('digest__isnull', True)), _connector='OR'), name='registry_portrait_picture'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'rejected'), _negated=True), models.Q(models.Q(('reason', ''), _negated=True), ('decided_at__isnull', False), ('decided_by_person__isnull', False)), _connector='OR'), name='registry_portrait_rejected_by_somebody')],
            },
        ),
    ]
