"""What the database refuses in the ledger, whoever asks (ADR 0050).

One check a statement over its transition table. `post_many` inserts whole transactions in one statement,
so each statement's rows must balance by themselves; then every transaction balances always, and nothing
has to be deferred to the commit.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION ledger_posting_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    -- An account that is not there, or in another commodity. Accounts are never removed and never change
    -- their commodity (below), so this holds for ever, like a foreign key.
    SELECT g.account_id, g.commodity INTO wrong
    FROM (SELECT DISTINCT account_id, commodity FROM new_rows) g
    LEFT JOIN ledger_account a ON a.id = g.account_id AND a.commodity = g.commodity
    WHERE a.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account % does not hold %', wrong.account_id, wrong.commodity
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_posting_account';
    END IF;
    SELECT transaction, commodity, sum(amount) AS total INTO wrong
    FROM new_rows GROUP BY transaction, commodity HAVING sum(amount) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transaction % is out of balance by % %',
            wrong.transaction, wrong.total, wrong.commodity
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_posting_balances';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_posting_balances AFTER INSERT ON ledger_posting
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_posting_check();

CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: correct it by a new transaction', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation',
              CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;

CREATE TRIGGER ledger_posting_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_posting
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_account_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_kind
    CHECK (kind IN ('asset', 'liability', 'expense', 'equity'));
"""

BACKWARD = """
DROP TRIGGER ledger_posting_balances ON ledger_posting;
DROP TRIGGER ledger_posting_append_only ON ledger_posting;
DROP TRIGGER ledger_account_append_only ON ledger_account;
DROP FUNCTION ledger_posting_check();
DROP FUNCTION ledger_refuse_change();
ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_kind;
"""


class Migration(migrations.Migration):
    """Put the rules of the ledger into the database."""

    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
