"""The role that serves the site cannot rewrite what happened."""

import psycopg
import pytest
from django.db import connection

from betang.cluster import APP_ROLE
from betang.core.identifiers import new_uuid
from betang.journal.kinds import declare
from betang.journal.record import record

declare({"test.happened": "Only in tests."})


@pytest.fixture
def app_role(transactional_db):
    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"], port=settings["PORT"], user=APP_ROLE, dbname=settings["NAME"]
    ) as plain:
        yield plain


class TestTheAppRole:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE journal_entry SET kind = 'x'",
            "DELETE FROM journal_entry",
            "TRUNCATE journal_entry CASCADE",
            "ALTER TABLE journal_entry DISABLE TRIGGER USER",
            "UPDATE journal_outbox SET entry_id = 1",
            "DELETE FROM journal_feed",
            "DELETE FROM ledger_posting",
        ],
    )
    def test_may_not_rewrite(self, app_role, statement, budi, noon):
        record("test.happened", new_uuid(), actor=budi, at=noon)

        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app_role.execute(statement)

    def test_may_add_and_read(self, app_role, budi, noon):
        record("test.happened", new_uuid(), actor=budi, at=noon)

        assert app_role.execute("SELECT count(*) FROM journal_entry").fetchone() == (1,)
