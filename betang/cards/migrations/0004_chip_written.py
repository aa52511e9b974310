from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("cards", "0003_list_orders")]

    operations = [
        migrations.AddField("card", "personalised_at", models.DateTimeField(null=True)),
        migrations.AddField("card", "checked_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "card",
            models.CheckConstraint(
                condition=Q(personalised_at__isnull=True) | Q(chip_uid__isnull=False),
                name="cards_personalised_has_chip",
            ),
        ),
        migrations.AddConstraint(
            "card",
            models.CheckConstraint(
                condition=Q(checked_at__isnull=True) | Q(personalised_at__isnull=False),
                name="cards_checked_was_personalised",
            ),
        ),
    ]
