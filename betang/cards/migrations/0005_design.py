from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cards", "0004_chip_written")]

    operations = []
