"""Points, days at a point, invitations."""

from django.db import migrations


class Migration(migrations.Migration):
    """Points, days at a point, invitations."""

    dependencies = [("distribution", "0004_lease_move")]
    operations = []
