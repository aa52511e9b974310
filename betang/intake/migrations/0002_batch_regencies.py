"""Which regencies a list touches: who approves must answer for each of them."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Lists that are there already are left to the province."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("intake", "0001_initial")]

    operations: ClassVar[list[object]] = [
        migrations.AddField("batch", "regencies", models.JSONField(default=list)),
    ]
