"""Field events are never changed but for their state, and never removed."""

from django.db import migrations

FORWARD = """
ALTER TABLE sync_devicecursor SET (fillfactor = 50);
CREATE INDEX sync_fieldevent_heard ON sync_fieldevent
    USING brin (heard_at) WITH (autosummarize = on);
CREATE INDEX sync_fieldevent_open ON sync_fieldevent (device_id, seq)
    WHERE state IN ('held', 'parked');
CREATE FUNCTION sync_event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.state = 'held' THEN
        RETURN OLD;  -- it moves to the forks, in the same transaction
    END IF;
    RAISE EXCEPTION 'field events are kept as they were signed' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER event_stays_signed BEFORE UPDATE OF
    device_id, seq, protected, payload, signature, payload_sha256, prev, heard_at
    ON sync_fieldevent FOR EACH ROW
    WHEN (OLD.payload IS DISTINCT FROM NEW.payload OR OLD.signature IS DISTINCT FROM NEW.signature
          OR OLD.seq IS DISTINCT FROM NEW.seq OR OLD.device_id IS DISTINCT FROM NEW.device_id
          OR OLD.protected IS DISTINCT FROM NEW.protected
          OR OLD.payload_sha256 IS DISTINCT FROM NEW.payload_sha256)
    EXECUTE FUNCTION sync_event_stays();
CREATE TRIGGER event_stays BEFORE DELETE ON sync_fieldevent
    FOR EACH ROW EXECUTE FUNCTION sync_event_stays();
"""

BACKWARD = """
DROP TRIGGER event_stays ON sync_fieldevent;
DROP TRIGGER event_stays_signed ON sync_fieldevent;
DROP FUNCTION sync_event_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("sync", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
