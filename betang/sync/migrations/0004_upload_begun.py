"""Know since when a photo is being sent, so that one that never ends is forgotten."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("sync", "0003_proposals_and_branches")]
    operations = [
        migrations.AddField(
            model_name="upload",
            name="begun_at",
            field=models.DateTimeField(db_default=Now()),
        ),
        migrations.RunSQL(
            # what a device has not finished is asked for at each photo it begins
            "CREATE INDEX sync_upload_unfinished ON sync_upload (device_id) INCLUDE (length)"
            " WHERE complete_at IS NULL",
            "DROP INDEX sync_upload_unfinished",
        ),
    ]
