"""Recover an account that decides things by two persons."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import betang.core.identifiers


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_attempt")]
    operations = [
        migrations.CreateModel(
            name="Recovery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "uuid",
                    models.UUIDField(default=betang.core.identifiers.new_uuid, unique=True),
                ),
                ("asked_by_person", models.UUIDField()),
                ("asked_at", models.DateTimeField()),
                ("confirmed_by_person", models.UUIDField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recoveries",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by_person__isnull", True),
                            models.Q(
                                ("confirmed_by_person", models.F("asked_by_person")), _negated=True
                            ),
                            _connector="OR",
                        ),
                        name="recovery_takes_two_persons",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("user",),
                        name="recovery_one_open",
                    ),
                ],
            },
        ),
    ]
