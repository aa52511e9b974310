from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cards", "0005_design")]

    operations = []
