from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("errands", "0003_check")]

    operations = [
        migrations.AlterField(
            model_name="errand",
            name="kind",
            field=models.CharField(
                choices=[
                    ("judge", "Penilaian keluarga"),
                    ("open", "Pembukaan tahap"),
                    ("check", "Pemeriksaan nama pemilik rekening"),
                    ("send", "Pengiriman ke bank"),
                    ("reconcile", "Pencocokan dengan rekening koran"),
                    ("print", "Penggambaran kartu"),
                    ("pack", "Penyegelan paket untuk biro"),
                ],
                max_length=12,
            ),
        ),
    ]
