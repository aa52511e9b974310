"""Know the human behind two accounts by the NIK: one NIK, one person."""

from django.db import migrations, models

FORWARD = """
CREATE FUNCTION accounts_one_nik_one_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM accounts_user u WHERE u.nik_index = NEW.nik_index
               AND u.person <> NEW.person AND u.id <> NEW.id) THEN
        RAISE EXCEPTION 'this NIK belongs to another person' USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER one_nik_one_person BEFORE INSERT OR UPDATE OF nik_index, person ON accounts_user
    FOR EACH ROW WHEN (NEW.nik_index IS NOT NULL) EXECUTE FUNCTION accounts_one_nik_one_person();
"""

BACKWARD = """
DROP TRIGGER one_nik_one_person ON accounts_user;
DROP FUNCTION accounts_one_nik_one_person();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_recovery")]
    operations = [
        migrations.AddField(
            model_name="user", name="nik_sealed", field=models.BinaryField(null=True)
        ),
        migrations.AddField(
            model_name="user",
            name="nik_index",
            field=models.BinaryField(db_index=True, null=True),
        ),
        migrations.AddField(
            model_name="user",
            name="nik_last4",
            field=models.CharField(blank=True, default="", max_length=4),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
