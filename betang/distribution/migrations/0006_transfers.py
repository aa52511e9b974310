"""Rights handed from phone to phone."""

from django.db import migrations


class Migration(migrations.Migration):
    """Rights handed from phone to phone."""

    dependencies = [("distribution", "0005_days")]
    operations = []
