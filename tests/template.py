"""The cast's rows, taken once from the database and poured back for each test.

Building everybody through the actions takes a quarter of a second; pouring takes milliseconds.
"""

import copy
from datetime import date, datetime

from django.db import connection, transaction

from songbai.core import clock

from .cast import Cast, make_cast

#: Filled by migrations, or (the queue) empty for every test.
FIXED = ("django_", "auth_", "procrastinate_", "songbai_")
_kept: dict[date, tuple[datetime, Cast, dict[str, bytes], str]] = {}


def cast_of_today() -> Cast:
    """The cast in the database of this test; built when there is no template of today yet.

    A template made under a clock that stood later in the day would lie in the future.
    """
    now = clock.now()
    today = clock.today()
    if today in _kept and _kept[today][0] <= now:
        _, cast, rows, counters = _kept[today]
        _pour(rows, counters)
        return copy.deepcopy(cast)
    clean = not _filled()
    cast = make_cast()
    if clean:
        tables = _filled()
        rows = {table: _take(table) for table in tables}
        _kept[today] = now, copy.deepcopy(cast), rows, _counters(tables)
    return cast


def forget() -> None:
    """Build the cast anew next time."""
    _kept.clear()


def _filled() -> list[str]:
    tables = [name for name in connection.introspection.table_names() if _is_ours(name)]
    asked = " UNION ALL ".join(f"SELECT '{t}' WHERE EXISTS (SELECT FROM {t})" for t in tables)
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return [name for (name,) in cursor.fetchall()]


def _is_ours(table: str) -> bool:
    return not table.startswith(FIXED)


def _take(table: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT") as rows:
        return b"".join(bytes(block) for block in rows)


def _counters(tables: list[str]) -> str:
    """A statement that lifts every counter above the ids of the template (never lowers one)."""
    with connection.cursor() as cursor:
        found = connection.introspection.sequence_list()
        lifts = []
        for counter in found:
            if counter["table"] in tables:
                column = connection.ops.quote_name(counter["column"])
                cursor.execute(f"SELECT max({column}) FROM {counter['table']}")
                [highest] = cursor.fetchone()
                name = counter["name"]
                lifts.append(
                    f"SELECT setval('{name}', greatest(last_value, {highest})) FROM {name}"
                )
    return " UNION ALL ".join(lifts)


def _pour(rows: dict[str, bytes], counters: str) -> None:
    """Foreign keys are checked at commit, so the order of the tables does not matter."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table, text in rows.items():
            with cursor.copy(f"COPY {table} FROM STDIN") as target:
                target.write(text)
        cursor.execute(counters)
