"""What the database refuses by itself: only a draft is approved or withdrawn, and only once."""

from typing import ClassVar

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION programmes_guard_rule_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'rule sets are never deleted' USING ERRCODE = '23000', CONSTRAINT = 'rule_set_stays';
    END IF;
    IF OLD.state <> 'draft'
       OR NEW.text IS DISTINCT FROM OLD.text
       OR NEW.digest IS DISTINCT FROM OLD.digest
       OR NEW.compiled IS DISTINCT FROM OLD.compiled
       OR NEW.valid_from IS DISTINCT FROM OLD.valid_from
       OR NEW.programme_id IS DISTINCT FROM OLD.programme_id
       OR NEW.proposed_by_person IS DISTINCT FROM OLD.proposed_by_person THEN
        RAISE EXCEPTION 'a rule set can only be approved or withdrawn, once' USING ERRCODE = '23000', CONSTRAINT = 'rule_set_fixed';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    """The trigger of 0002, which now also holds what was withdrawn."""

    dependencies: ClassVar = [("programmes", "0003_withdrawal")]

    operations: ClassVar = [migrations.RunSQL(GUARD, migrations.RunSQL.noop)]
