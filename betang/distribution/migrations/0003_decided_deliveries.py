"""What was decided about a delivery after it was heard of."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('areas', '0001_initial'),
        ('distribution', '0002_rules'),
    ]

    operations = [
        migrations.AddField(
            model_name='delivery',
            name='decided_as',
            field=models.CharField(max_length=8, null=True),
        ),
        migrations.AddField(
            model_name='delivery',
            name='decided_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('decided_as__isnull', True), models.Q(('counted', True), ('decided_as', 'counted')), models.Q(('counted', False), ('decided_as__in', ['refused', 'reversed'])), _connector='OR'), name='delivery_decision_stands'),
        ),
    ]
