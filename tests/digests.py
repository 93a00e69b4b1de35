"""What a database holds, as one digest for each table."""

import psycopg
from psycopg import sql

TABLES = (
    "SELECT relname FROM pg_class"
    " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
)
DIGEST = "SELECT md5(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE \"C\")) FROM {} t"


def digests(database: str) -> dict[str, str]:
    """Every table of ours with a digest of its rows, whatever their order."""
    with psycopg.connect(database, options="-c timezone=UTC") as connection:
        tables = [name for (name,) in connection.execute(TABLES)]
        found = {}
        for table in tables:
            row = connection.execute(sql.SQL(DIGEST).format(sql.Identifier(table))).fetchone()
            assert row is not None
            found[table] = str(row[0])
        return found
