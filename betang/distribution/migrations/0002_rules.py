"""What Django cannot say about these tables: room for in-place updates, and the cheap village index.

An entitlement is updated a few times in its life (leased, delivered): with room on its page and no
index that holds a changing column, those updates touch no index (HOT). Cycles are written in the
order of villages, so a block-range index finds a village's rows at a hundredth of a b-tree's cost.
"""

from django.db import migrations

FORWARD = """
ALTER TABLE distribution_entitlement SET (fillfactor = 80);
ALTER TABLE distribution_villagetally SET (fillfactor = 50);
ALTER TABLE distribution_leaseright SET (fillfactor = 80);
CREATE INDEX distribution_entitlement_place ON distribution_entitlement
    USING brin (cycle_id, village_id) WITH (pages_per_range = 8, autosummarize = on);
CREATE INDEX distribution_delivery_heard ON distribution_delivery
    USING brin (heard_at) WITH (autosummarize = on);
-- What a family was promised stays for ever: it is evidence.
CREATE FUNCTION distribution_entitlement_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an entitlement is cancelled, never deleted'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'entitlement_stays';
END $$;
CREATE TRIGGER entitlement_stays BEFORE DELETE ON distribution_entitlement
    FOR EACH STATEMENT EXECUTE FUNCTION distribution_entitlement_stays();
-- Only the owner may bring an index up to date, and the app opens cycles.
CREATE FUNCTION distribution_summarize() RETURNS integer
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS
    $$ SELECT brin_summarize_new_values('public.distribution_entitlement_place') $$;
ALTER TABLE distribution_entitlement
    ALTER COLUMN parts_allowed SET DEFAULT 1,
    ALTER COLUMN parts_delivered SET DEFAULT 0,
    ALTER COLUMN state SET DEFAULT 'open';
ALTER TABLE distribution_villagetally
    ALTER COLUMN due SET DEFAULT 0, ALTER COLUMN served_online SET DEFAULT 0,
    ALTER COLUMN served_offline SET DEFAULT 0, ALTER COLUMN contested SET DEFAULT 0,
    ALTER COLUMN bank_due SET DEFAULT 0, ALTER COLUMN paid SET DEFAULT 0;
"""


class Migration(migrations.Migration):
    dependencies = [("distribution", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
