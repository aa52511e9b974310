"""Count attempts in the database, for every process of the site alike."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_proofuse")]
    operations = [
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("key", models.BinaryField(primary_key=True, serialize=False)),
                ("spent", models.BigIntegerField()),
                ("ends_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE accounts_attempt SET UNLOGGED;"
            # half-empty pages, so that the next count of a name finds room beside the last
            "ALTER TABLE accounts_attempt SET (fillfactor = 50)",
            migrations.RunSQL.noop,
        ),
    ]
