"""The trace a page leaves of showing somebody's record."""

from collections.abc import Iterable

from django.http import HttpRequest

from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import note_read
from songbai.web.doors import signed_in


def noted(request: HttpRequest, people: Iterable[Elder], purpose: str, *fields: str) -> None:
    """Log that these fields of these people are shown on this page, for each person once.

    Raises NotAllowed for a stranger, ValueError for a field that no room declares.
    """
    shown = list({elder.pk: elder for elder in people}.values())
    where = request.path
    note_read(signed_in(request), shown, fields=list(fields), purpose=purpose, where=where)
