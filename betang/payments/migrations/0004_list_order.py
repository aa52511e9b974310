from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0003_account_file"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="disbursement",
            index=models.Index(
                fields=["order", "reference"], name="payments_disbursement_of_order"
            ),
        ),
        migrations.AlterField(
            model_name="disbursement",
            name="order",
            field=models.ForeignKey(
                db_index=False,
                on_delete=models.PROTECT,
                related_name="+",
                to="payments.order",
            ),
        ),
    ]
