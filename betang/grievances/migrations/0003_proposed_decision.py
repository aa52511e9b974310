"""A decision that takes two persons is proposed first."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('areas', '0001_initial'),
        ('grievances', '0002_rules'),
        ('registry', '0002_rules'),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='proposed_by_person',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='case',
            name='proposed_outcome',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AlterField(
            model_name='step',
            name='kind',
            field=models.CharField(choices=[('opened', 'Dibuka'), ('assigned', 'Diserahkan'), ('noted', 'Dicatat'), ('proposed', 'Putusan diusulkan'), ('returned', 'Usulan dikembalikan'), ('resolved', 'Diselesaikan')], max_length=10),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('proposed_by_person__isnull', True), ('proposed_outcome', '')), models.Q(models.Q(('proposed_outcome', ''), _negated=True), ('proposed_by_person__isnull', False)), _connector='OR'), name='grievances_case_proposal_whole'),
        ),
    ]
