from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cards", "0003_list_orders")]

    operations = []
