from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cards", "0010_investigation")]

    operations = []
