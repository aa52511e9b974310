from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cards", "0009_tickets")]

    operations = []
