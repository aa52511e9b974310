from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('areas', '0001_initial'),
        ('cards', '0002_rules'),
        ('registry', '0002_rules'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='card',
            index=models.Index(fields=['state', 'number'], name='cards_by_state'),
        ),
        migrations.AddIndex(
            model_name='card',
            index=models.Index(fields=['handed_over_at', 'id'], name='cards_by_hand_over'),
        ),
    ]
