"""What the database refuses by itself: runs, assessments and decrees are kept as they were."""

from typing import ClassVar

from django.db import migrations

GUARDS = """
CREATE FUNCTION eligibility_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = '23000', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;

-- A statement trigger: it costs the bulk insert nothing.
CREATE TRIGGER run_append_only BEFORE UPDATE OR DELETE ON eligibility_run
    FOR EACH STATEMENT EXECUTE FUNCTION eligibility_keep();
CREATE TRIGGER assessment_append_only BEFORE UPDATE OR DELETE ON eligibility_assessment
    FOR EACH STATEMENT EXECUTE FUNCTION eligibility_keep();

CREATE FUNCTION eligibility_guard_decree() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'decrees are never deleted' USING ERRCODE = '23000', CONSTRAINT = 'decree_stays';
    END IF;
    IF OLD.state = 'approved'
       OR (NEW.number, NEW.on_date, NEW.programme_id, NEW.area_id, NEW.run_id,
           NEW.household_count, NEW.digest, NEW.proposed_by_person)
          IS DISTINCT FROM
          (OLD.number, OLD.on_date, OLD.programme_id, OLD.area_id, OLD.run_id,
           OLD.household_count, OLD.digest, OLD.proposed_by_person) THEN
        RAISE EXCEPTION 'a decree can only be approved, once' USING ERRCODE = '23000', CONSTRAINT = 'decree_fixed';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER decree_fixed BEFORE UPDATE OR DELETE ON eligibility_decree
    FOR EACH ROW EXECUTE FUNCTION eligibility_guard_decree();
"""

UNDO = """
DROP TRIGGER decree_fixed ON eligibility_decree;
DROP FUNCTION eligibility_guard_decree();
DROP TRIGGER assessment_append_only ON eligibility_assessment;
DROP TRIGGER run_append_only ON eligibility_run;
DROP FUNCTION eligibility_keep();
"""


class Migration(migrations.Migration):
    """Triggers that Django's models cannot say."""

    dependencies: ClassVar = [("eligibility", "0001_initial")]

    operations: ClassVar = [migrations.RunSQL(GUARDS, UNDO)]
