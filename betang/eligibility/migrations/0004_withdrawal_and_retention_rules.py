"""What the database refuses by itself about withdrawn decrees and emptied runs (ADR 0075)."""

from typing import ClassVar

from django.db import migrations

GUARDS = """
CREATE OR REPLACE FUNCTION eligibility_guard_decree() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'decrees are never deleted' USING ERRCODE = '23000', CONSTRAINT = 'decree_stays';
    END IF;
    IF OLD.state <> 'proposed'
       OR (NEW.number, NEW.on_date, NEW.programme_id, NEW.area_id, NEW.run_id,
           NEW.household_count, NEW.digest, NEW.proposed_by_person)
          IS DISTINCT FROM
          (OLD.number, OLD.on_date, OLD.programme_id, OLD.area_id, OLD.run_id,
           OLD.household_count, OLD.digest, OLD.proposed_by_person) THEN
        RAISE EXCEPTION 'a decree can only be approved or withdrawn, once' USING ERRCODE = '23000', CONSTRAINT = 'decree_fixed';
    END IF;
    RETURN NEW;
END $$;

-- A run is emptied only where no decree rests on it, and no decree is made on one that is. Both
-- sides take the same lock, so that of two at once the second sees the first.
CREATE FUNCTION eligibility_guard_emptying() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('eligibility.emptying'), NEW.run_id::int);
    IF EXISTS (SELECT FROM eligibility_decree d
               WHERE d.run_id = NEW.run_id AND d.state <> 'withdrawn') THEN
        RAISE EXCEPTION 'a decree rests on this run' USING ERRCODE = '23000', CONSTRAINT = 'emptying_without_decree';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER emptying_without_decree BEFORE INSERT ON eligibility_emptying
    FOR EACH ROW EXECUTE FUNCTION eligibility_guard_emptying();

CREATE FUNCTION eligibility_guard_decree_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('eligibility.emptying'), NEW.run_id::int);
    IF EXISTS (SELECT FROM eligibility_emptying e WHERE e.run_id = NEW.run_id) THEN
        RAISE EXCEPTION 'the rows of this run were emptied' USING ERRCODE = '23000', CONSTRAINT = 'decree_on_a_whole_run';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decree_on_a_whole_run BEFORE INSERT ON eligibility_decree
    FOR EACH ROW EXECUTE FUNCTION eligibility_guard_decree_run();

-- That a run is being emptied is never unsaid.
CREATE TRIGGER emptying_stays BEFORE DELETE ON eligibility_emptying
    FOR EACH STATEMENT EXECUTE FUNCTION eligibility_keep();

-- Rows still never change; they go only with a run that is being emptied. One look a statement.
DROP TRIGGER assessment_append_only ON eligibility_assessment;
CREATE TRIGGER assessment_append_only BEFORE UPDATE ON eligibility_assessment
    FOR EACH STATEMENT EXECUTE FUNCTION eligibility_keep();
CREATE FUNCTION eligibility_guard_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM gone WHERE NOT EXISTS (
        SELECT FROM eligibility_emptying e WHERE e.run_id = gone.run_id)) THEN
        RAISE EXCEPTION 'eligibility_assessment is append-only: the run is kept' USING ERRCODE = '23000', CONSTRAINT = 'assessment_append_only';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER assessment_kept AFTER DELETE ON eligibility_assessment
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION eligibility_guard_rows();
"""

UNDO = """
DROP TRIGGER assessment_kept ON eligibility_assessment;
DROP FUNCTION eligibility_guard_rows();
DROP TRIGGER assessment_append_only ON eligibility_assessment;
CREATE TRIGGER assessment_append_only BEFORE UPDATE OR DELETE ON eligibility_assessment
    FOR EACH STATEMENT EXECUTE FUNCTION eligibility_keep();
DROP TRIGGER emptying_stays ON eligibility_emptying;
DROP TRIGGER decree_on_a_whole_run ON eligibility_decree;
DROP FUNCTION eligibility_guard_decree_run();
DROP TRIGGER emptying_without_decree ON eligibility_emptying;
DROP FUNCTION eligibility_guard_emptying();
"""


class Migration(migrations.Migration):
    """Triggers that Django's models cannot say."""

    dependencies: ClassVar = [("eligibility", "0003_withdrawal_and_retention")]

    operations: ClassVar = [migrations.RunSQL(GUARDS, UNDO)]
