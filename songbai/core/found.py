"""The one row that is asked for, the one that may not be there twice, and how many there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Count, Func, Model, QuerySet

from songbai.core.errors import NotFound, SongbaiError

M = TypeVar("M", bound=Model)


def found_in(rows: QuerySet[M], missing: SongbaiError | type[SongbaiError] = NotFound) -> M:
    """The first of some rows. Raises NotFound, or what is given, when there is none."""
    found = rows.first()
    if found is None:
        raise missing
    return found


def counted(rows: QuerySet[Any], column: str | Func) -> dict[Any, int]:
    """How many of some rows there are, by what stands in a column."""
    return dict(rows.order_by().values_list(column).annotate(n=Count("pk")))


#: SQLSTATEs of a row that may not be there beside another: an equal one, an overlapping one.
_TWICE = ("23505", "23P01")


def is_twice(error: BaseException | None) -> bool:
    """Whether the database refused a second of what may be there once: somebody was faster."""
    return isinstance(error, IntegrityError) and getattr(error.__cause__, "sqlstate", "") in _TWICE


@contextmanager
def refusing(refusal: SongbaiError | type[SongbaiError], constraint: str = "") -> Iterator[None]:
    """Write up to here or not at all: what breaks a constraint (of this name) is refused so."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if constraint not in str(error):
            raise
        raise refusal from error
