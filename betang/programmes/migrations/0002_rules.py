"""What the database refuses by itself: an approved rule set never changes and never goes away."""

from typing import ClassVar

from django.db import migrations

GUARD = """
CREATE FUNCTION programmes_guard_rule_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'rule sets are never deleted' USING ERRCODE = '23000', CONSTRAINT = 'rule_set_stays';
    END IF;
    IF OLD.state = 'approved'
       OR NEW.text IS DISTINCT FROM OLD.text
       OR NEW.digest IS DISTINCT FROM OLD.digest
       OR NEW.compiled IS DISTINCT FROM OLD.compiled
       OR NEW.valid_from IS DISTINCT FROM OLD.valid_from
       OR NEW.programme_id IS DISTINCT FROM OLD.programme_id
       OR NEW.proposed_by_person IS DISTINCT FROM OLD.proposed_by_person THEN
        RAISE EXCEPTION 'a rule set can only be approved, once' USING ERRCODE = '23000', CONSTRAINT = 'rule_set_fixed';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER rule_set_fixed BEFORE UPDATE OR DELETE ON programmes_ruleset
    FOR EACH ROW EXECUTE FUNCTION programmes_guard_rule_set();
ALTER TABLE programmes_ruleset ADD CONSTRAINT rule_set_digest_of_text
    CHECK (digest = encode(sha256(convert_to(text, 'UTF8')), 'hex'));
"""

UNDO = """
ALTER TABLE programmes_ruleset DROP CONSTRAINT rule_set_digest_of_text;
DROP TRIGGER rule_set_fixed ON programmes_ruleset;
DROP FUNCTION programmes_guard_rule_set();
"""


class Migration(migrations.Migration):
    """Triggers and the constraint that Django's models cannot say."""

    dependencies: ClassVar = [("programmes", "0001_initial")]

    operations: ClassVar = [migrations.RunSQL(GUARD, UNDO)]
