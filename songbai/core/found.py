"""The one row that is asked for."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from songbai.core.errors import NotFound

M = TypeVar("M", bound=Model)


def found_in(rows: QuerySet[M]) -> M:
    """The first of some rows. Raises NotFound when there is none."""
    found = rows.first()
    if found is None:
        raise NotFound
    return found
