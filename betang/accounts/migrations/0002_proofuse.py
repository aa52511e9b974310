"""Remember which proofs of a device's key were used."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="ProofUse",
            fields=[
                ("jti_sha256", models.BinaryField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(
            "CREATE INDEX accounts_proofuse_at ON accounts_proofuse USING brin (at)",
            "DROP INDEX accounts_proofuse_at",
        ),
    ]
