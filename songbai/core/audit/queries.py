"""Who looked."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from songbai.core.accounts.queries import require
from songbai.core.accounts.rules import Actor, Reach
from songbai.core.audit.declares import AUDIT_READ, READS_OF_ELDER
from songbai.core.regions.rules import inside

from .models import Read


def reads_of(actor: Actor, person_id: int, reach: Reach) -> QuerySet[Read]:
    """Everyone who looked at a person's record, newest first.

    Raises NotAllowed.
    """
    require(actor, READS_OF_ELDER, reach)
    return Read.objects.filter(person_id=person_id).order_by("-id")


def seen_since(actor: Actor, people: Iterable[int], where: str, since: datetime) -> set[int]:
    """Those of these people whose record this actor already looked at on a page since a moment."""
    return set(
        Read.objects.filter(
            person_id__in=set(people), account_id=actor.account_id, where=where, at__gte=since
        ).values_list("person_id", flat=True)
    )


def reads_in(actor: Actor) -> QuerySet[Read]:
    """Everyone who looked at anyone in the officer's area, newest first.

    Raises NotAllowed.
    """
    require(actor, AUDIT_READ)
    return Read.objects.filter(**inside(actor.region or "")).order_by("-id")


def filtered(
    rows: QuerySet[Read],
    *,
    purpose: str = "",
    reader: str = "",
    between: tuple[datetime, datetime] | None = None,
    field: str = "",
    role: str = "",
    where: str = "",
) -> QuerySet[Read]:
    """Those looks whose purpose holds these words, by readers so named, in a stretch of time.

    ``field`` is the code of something shown, ``role`` of the reader, ``where`` the beginning of an
    address.
    """
    if purpose:
        rows = rows.filter(purpose__contains=purpose)
    if reader:
        rows = rows.filter(reader__contains=reader)
    if field:
        rows = rows.filter(fields__contains=[field])
    if role:
        rows = rows.filter(role=role)
    if where:
        rows = rows.filter(where__startswith=where)
    if between:
        rows = rows.filter(at__gte=between[0], at__lt=between[1])
    return rows
