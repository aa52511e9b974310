from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cards", "0006_print_run")]

    operations = []
