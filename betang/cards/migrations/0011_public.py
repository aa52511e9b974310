from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cards", "0010_investigation")]

    operations = [
        migrations.CreateModel(
            name="RevocationDelta",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.BigIntegerField()),
                ("seq", models.BigIntegerField()),
                ("content", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("since", "seq"), name="cards_delta_once"),
                    models.CheckConstraint(
                        condition=models.Q(("since__gte", 1), ("since__lt", models.F("seq"))),
                        name="cards_delta_forward",
                    ),
                ],
            },
        ),
    ]
