from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('areas', '0001_initial'),
        ('registry', '0002_rules'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='household',
            index=models.Index(fields=['head_name', 'id'], name='registry_household_by_head'),
        ),
        migrations.AddIndex(
            model_name='household',
            index=models.Index(fields=['size', 'id'], name='registry_household_by_size'),
        ),
        migrations.AddIndex(
            model_name='household',
            index=models.Index(fields=['decile', 'id'], name='registry_household_by_decile'),
        ),
    ]
