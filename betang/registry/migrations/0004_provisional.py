"""Provisional registration numbers and the families proposed from the field."""

from django.db import migrations


class Migration(migrations.Migration):
    """Provisional registration numbers and the families proposed from the field."""

    dependencies = [("registry", "0003_list_orders")]
    operations = []
