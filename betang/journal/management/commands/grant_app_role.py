"""Give the app role what it needs, and nothing on the journal that could rewrite it."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from betang.cluster import APP_ROLE

#: Tables the app only ever adds to: rewriting them would rewrite history.
APPEND_ONLY = ("journal_entry", "journal_feed", "journal_checkpoint", "ledger_posting")

GRANTS = f"""
GRANT USAGE ON SCHEMA public TO {APP_ROLE};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE};
REVOKE UPDATE ON journal_outbox FROM {APP_ROLE};
CREATE SCHEMA IF NOT EXISTS staging;
ALTER SCHEMA staging OWNER TO {APP_ROLE};
"""

OWN_STAGING = """
SELECT format('ALTER TABLE staging.%%I OWNER TO %s', tablename) FROM pg_tables
WHERE schemaname = 'staging'
"""


class Command(BaseCommand):
    """Run after every migration, as the owner; idempotent."""

    help = "Beri hak kepada peran aplikasi."

    def handle(self, *args: Any, **options: Any) -> None:
        """Grant, where the role exists (a server with a single role has none to grant to)."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
            if not cursor.fetchone():
                return
            cursor.execute(GRANTS)
            cursor.execute(
                "SELECT tablename FROM pg_tables "
                "WHERE schemaname = 'public' AND tablename = ANY(%s)",
                [list(APPEND_ONLY)],
            )
            for (table,) in cursor.fetchall():
                cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {APP_ROLE}")
            cursor.execute(OWN_STAGING % APP_ROLE)
            for (statement,) in cursor.fetchall():
                cursor.execute(statement)
