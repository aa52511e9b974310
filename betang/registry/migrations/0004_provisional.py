"""Provisional registration numbers and the families proposed from the field.

The number is made in the database, as the household's is, so that a pool is topped up in one statement;
`betang.core.identity.provisional_number` is the twin, and a test holds the two together. The sequence ends
with the range: a number is never made twice.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


FORWARD = """
CREATE SEQUENCE registry_provisional_serial MAXVALUE 9000000 NO CYCLE;

CREATE FUNCTION registry_provisional_number(serial bigint) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT 'S-' || left(seven::text, 4) || '-' || right(seven::text, 3) || ((10 - (
      seven / 10 % 10 + seven / 1000 % 10 + seven / 100000 % 10
      + 2 * (seven % 10) - 9 * (seven % 10 / 5)
      + 2 * (seven / 100 % 10) - 9 * (seven / 100 % 10 / 5)
      + 2 * (seven / 10000 % 10) - 9 * (seven / 10000 % 10 / 5)
      + 2 * (seven / 1000000 % 10) - 9 * (seven / 1000000 % 10 / 5)
    ) % 10) % 10)::text
  FROM (SELECT 1000000 + serial * 5562307 % 9000000 AS seven) AS made
$$;

ALTER TABLE registry_householdproposal ALTER COLUMN uuid SET DEFAULT gen_random_uuid();
"""

BACKWARD = """
ALTER TABLE registry_householdproposal ALTER COLUMN uuid DROP DEFAULT;
DROP FUNCTION registry_provisional_number(bigint);
DROP SEQUENCE registry_provisional_serial;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('areas', '0001_initial'),
        ('registry', '0003_list_orders'),
    ]

    operations = [
        migrations.CreateModel(
            name='ProvisionalNumber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=24)),
                ('device', models.UUIDField()),
                ('leased_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('used_by', models.BinaryField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('used_at__isnull', True)), fields=['device', 'id'], name='registry_provisional_free')],
                'constraints': [models.UniqueConstraint(fields=('number',), name='registry_provisional_number'), models.UniqueConstraint(fields=('used_by',), name='registry_provisional_used_once'), models.CheckConstraint(condition=models.Q(models.Q(('used_at__isnull', True), ('used_by__isnull', True)), models.Q(('used_at__isnull', False), ('used_by__isnull', False)), _connector='OR'), name='registry_provisional_used_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='HouseholdProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField()),
                ('provisional', models.CharField(max_length=24)),
                ('number_state', models.TextField(choices=[('own', 'dari persediaan gawai ini'), ('again', 'sudah dipakai gawai ini untuk keluarga lain'), ('foreign', 'bukan dari persediaan gawai ini')])),
                ('device', models.UUIDField()),
                ('proposed_by_person', models.UUIDField(null=True)),
                ('seq', models.BigIntegerField(null=True)),
                ('event', models.UUIDField()),
                ('event_sha256', models.BinaryField()),
                ('attachment_sha256', models.BinaryField(null=True)),
                ('at', models.DateTimeField()),
                ('heard_at', models.DateTimeField()),
                ('size', models.SmallIntegerField(null=True)),
                ('dwelling', models.TextField(null=True)),
                ('head_name', models.TextField(default='')),
                ('told_sealed', models.BinaryField(null=True)),
                ('family_number_index', models.BinaryField(null=True)),
                ('nik_indexes', django.contrib.postgres.fields.ArrayField(base_field=models.BinaryField(), default=list, size=None)),
                ('home_lat', models.FloatField(null=True)),
                ('home_lng', models.FloatField(null=True)),
                ('home_accuracy_m', models.FloatField(null=True)),
                ('photos', django.contrib.postgres.fields.ArrayField(base_field=models.BinaryField(), default=list, size=None)),
                ('state', models.TextField(choices=[('waiting', 'Menunggu'), ('accepted', 'Diterima'), ('refused', 'Ditolak'), ('duplicate', 'Sudah terdaftar')], default='waiting')),
                ('reason', models.TextField(default='')),
                ('note_sealed', models.BinaryField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by_person', models.UUIDField(null=True)),
                ('household', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.household')),
                ('village', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
            ],
            options={
                'indexes': [models.Index(fields=['state', '-at', '-id'], name='registry_proposal_by_state'), django.contrib.postgres.indexes.GinIndex(fields=['nik_indexes'], name='registry_proposal_niks'), models.Index(fields=['family_number_index'], name='registry_proposal_family')],
                'constraints': [models.UniqueConstraint(fields=('uuid',), name='registry_proposal_uuid'), models.UniqueConstraint(fields=('event_sha256',), name='registry_proposal_event'), models.UniqueConstraint(condition=models.Q(('number_state', 'own')), fields=('provisional',), name='registry_proposal_number_once'), models.CheckConstraint(condition=models.Q(('number_state__in', ('own', 'again', 'foreign'))), name='registry_proposal_number_state'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('household__isnull', True), ('state', 'waiting')), models.Q(('decided_at__isnull', False), ('household__isnull', True), ('state', 'refused')), models.Q(('decided_at__isnull', False), ('household__isnull', False), ('state__in', ('accepted', 'duplicate'))), _connector='OR'), name='registry_proposal_state'), models.CheckConstraint(condition=models.Q(('dwelling__isnull', True), ('dwelling__in', ('own', 'rent', 'shared', 'river', 'camp', 'none')), _connector='OR'), name='registry_proposal_dwelling'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'accepted'), _negated=True), ('proposed_by_person__isnull', True), models.Q(('decided_by_person', models.F('proposed_by_person')), _negated=True), _connector='OR'), name='registry_proposal_takes_two')],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
