"""What the database refuses by itself: what was seen and what was given out is never rewritten."""

from typing import ClassVar

from django.db import migrations

GUARDS = """
CREATE FUNCTION cards_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;

CREATE TRIGGER cards_presentation_append_only BEFORE UPDATE OR DELETE ON cards_presentation
    FOR EACH STATEMENT EXECUTE FUNCTION cards_keep();
CREATE TRIGGER cards_revocationlist_append_only BEFORE UPDATE OR DELETE ON cards_revocationlist
    FOR EACH STATEMENT EXECUTE FUNCTION cards_keep();
CREATE TRIGGER cards_revocation_stays BEFORE DELETE ON cards_revocation
    FOR EACH STATEMENT EXECUTE FUNCTION cards_keep();

-- A counter never goes down, a number and a household never change, what is over stays over.
CREATE FUNCTION cards_guard_card() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.counter < OLD.counter OR NEW.public_counter < OLD.public_counter THEN
        RAISE EXCEPTION 'a counter never goes down'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'cards_counter_rises';
    END IF;
    IF (NEW.number, NEW.household_id, NEW.issue, NEW.qr)
       IS DISTINCT FROM (OLD.number, OLD.household_id, OLD.issue, OLD.qr) THEN
        RAISE EXCEPTION 'a card is what it was issued as'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'cards_card_fixed';
    END IF;
    IF OLD.state IN ('replaced', 'returned', 'spoilt') AND NEW.state <> OLD.state
       OR OLD.state = 'blocked' AND NEW.state NOT IN ('blocked', 'replaced') THEN
        RAISE EXCEPTION 'a card out of use stays so'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'cards_end_is_final';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER cards_card_guard BEFORE UPDATE ON cards_card
    FOR EACH ROW EXECUTE FUNCTION cards_guard_card();
"""

UNDO = """
DROP TRIGGER cards_card_guard ON cards_card;
DROP FUNCTION cards_guard_card();
DROP TRIGGER cards_revocation_stays ON cards_revocation;
DROP TRIGGER cards_revocationlist_append_only ON cards_revocationlist;
DROP TRIGGER cards_presentation_append_only ON cards_presentation;
DROP FUNCTION cards_keep();
"""


class Migration(migrations.Migration):
    """Triggers that Django's models cannot say."""

    dependencies: ClassVar = [("cards", "0001_initial")]

    operations: ClassVar = [migrations.RunSQL(GUARDS, UNDO)]
