"""What the database refuses about cases: a step is never changed or removed."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION grievances_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
END $$;
CREATE TRIGGER grievances_step_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON grievances_step
    FOR EACH STATEMENT EXECUTE FUNCTION grievances_refuse_change();
ALTER TABLE grievances_case ADD CONSTRAINT grievances_case_state
    CHECK (state IN ('open', 'assigned', 'resolved') AND (state = 'resolved') = (outcome <> ''));
"""

BACKWARD = """
DROP TRIGGER grievances_step_append_only ON grievances_step;
DROP FUNCTION grievances_refuse_change();
ALTER TABLE grievances_case DROP CONSTRAINT grievances_case_state;
"""


class Migration(migrations.Migration):
    """Put the rules of cases into the database."""

    dependencies = [("grievances", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
