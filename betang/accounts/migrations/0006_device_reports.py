"""What a device told of itself."""

from django.db import migrations


class Migration(migrations.Migration):
    """What a device told of itself."""

    dependencies = [("accounts", "0005_nik")]
    operations = []
