"""One statement of SQL, where the ORM cannot say it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

Parameters = Sequence[Any] | Mapping[str, Any] | None


def run(query: str, parameters: Parameters = None) -> int:
    """How many rows the statement touched."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return int(cursor.rowcount)


def rows(query: str, parameters: Parameters = None) -> list[tuple[Any, ...]]:
    """What the statement answers."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


def value(query: str, parameters: Parameters = None) -> Any:
    """The first column of the first row."""
    return rows(query, parameters)[0][0]


def called(function: str, *arguments: Any) -> Any:
    """What a function of the database answers."""
    return value(f"SELECT {function}({', '.join(['%s'] * len(arguments))})", arguments)
