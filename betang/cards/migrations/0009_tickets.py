import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Func, Q
from django.db.models.lookups import Exact


def _octets(column: str) -> Func:
    return Func(F(column), function="octet_length", output_field=models.IntegerField())


class Migration(migrations.Migration):
    dependencies = [("cards", "0008_personalise")]

    operations = [
        migrations.CreateModel(
            name="TicketRoster",
            fields=[
                ("id", models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("device", models.UUIDField(unique=True)),
                ("salt", models.BinaryField()),
                ("revision", models.BigIntegerField(default=0)),
                ("looked_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Exact(_octets("salt"), 16), name="cards_ticket_salt_size"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TicketSegment",
            fields=[
                ("id", models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.BinaryField()),
                ("key_version", models.SmallIntegerField()),
                ("first", models.IntegerField()),
                ("count", models.SmallIntegerField()),
                ("tickets", models.BinaryField()),
                ("revision", models.BigIntegerField()),
                ("card", models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to="cards.card")),
                ("roster", models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.CASCADE,
                    related_name="+", to="cards.ticketroster")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["roster", "revision"], name="cards_ticket_by_revision"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("roster", "uid", "first"), name="cards_ticket_once"
                    ),
                    models.CheckConstraint(
                        condition=Exact(_octets("tickets"), F("count") * 8),
                        name="cards_tickets_counted",
                    ),
                    models.CheckConstraint(
                        condition=Q(first=0, count=0) | Q(first__gte=1, count__gte=1),
                        name="cards_ticket_or_withdrawal",
                    ),
                    models.CheckConstraint(
                        condition=Q(first__lte=0x1000000 - F("count")),
                        name="cards_ticket_24_bits",
                    ),
                ],
            },
        ),
    ]  # fmt: skip
