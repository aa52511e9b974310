"""What the database refuses about payments, whoever asks (ADR 0051)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION payments_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
END $$;

-- Paid stays paid; what the bank may have seen keeps its reference, amount and right; only a definite
-- failure may get another reference (and account).
CREATE TRIGGER payments_disbursement_stands BEFORE UPDATE ON payments_disbursement FOR EACH ROW
    WHEN ((OLD.state = 'paid' AND NEW.state <> 'paid')
       OR (OLD.state = 'failed' AND NEW.state NOT IN ('failed', 'prepared', 'paid'))
       OR (OLD.state IN ('sent', 'unknown') AND NEW.state = 'prepared')
       OR (OLD.state NOT IN ('prepared', 'failed')
           AND (NEW.reference <> OLD.reference OR NEW.account_id <> OLD.account_id))
       OR NEW.amount_rupiah <> OLD.amount_rupiah
       OR NEW.entitlement_id <> OLD.entitlement_id)
    EXECUTE FUNCTION payments_refuse_change();
CREATE TRIGGER payments_disbursement_kept BEFORE DELETE OR TRUNCATE ON payments_disbursement
    FOR EACH STATEMENT EXECUTE FUNCTION payments_refuse_change();
CREATE TRIGGER payments_bankmessage_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_bankmessage
    FOR EACH STATEMENT EXECUTE FUNCTION payments_refuse_change();

ALTER TABLE payments_disbursement SET (fillfactor = 70);
ALTER TABLE payments_disbursement
    ADD CONSTRAINT payments_disbursement_state
        CHECK (state IN ('prepared', 'sent', 'unknown', 'paid', 'failed')),
    ADD CONSTRAINT payments_disbursement_reference
        CHECK (reference ~ '^HB[0-9]{16}(-2)?$');
ALTER TABLE payments_bankaccount ADD CONSTRAINT payments_bankaccount_state
    CHECK (state IN ('none', 'verified', 'failed'));
ALTER TABLE payments_order ADD CONSTRAINT payments_order_state
    CHECK (state = 'prepared' AND approved_by_person IS NULL
        OR state = 'approved' AND approved_by_person IS NOT NULL);
"""

BACKWARD = """
DROP TRIGGER payments_disbursement_stands ON payments_disbursement;
DROP TRIGGER payments_disbursement_kept ON payments_disbursement;
DROP TRIGGER payments_bankmessage_kept ON payments_bankmessage;
DROP FUNCTION payments_refuse_change();
ALTER TABLE payments_disbursement DROP CONSTRAINT payments_disbursement_state;
ALTER TABLE payments_disbursement DROP CONSTRAINT payments_disbursement_reference;
ALTER TABLE payments_bankaccount DROP CONSTRAINT payments_bankaccount_state;
ALTER TABLE payments_order DROP CONSTRAINT payments_order_state;
"""


class Migration(migrations.Migration):
    """Put the rules of payments into the database."""

    dependencies = [("payments", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
