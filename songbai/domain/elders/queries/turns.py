"""Lives as they stand, and what followed when they turned."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from songbai.core import clock
from songbai.core.acting import Actor, require
from songbai.core.regions.queries import elsewhere
from songbai.domain.elders.declares import ELDER_READ
from songbai.domain.elders.models import CurrentFact, Elder, Followed, Turn, TurnKind
from songbai.domain.elders.queries import in_scope, person_of_records
from songbai.domain.elders.rules.kinds import PLACES, RESIDENCE
from songbai.domain.elders.under_way import Cause, Life

#: Restrictions under which nobody is at home.
_GONE = frozenset({"prison", "emigrated"})
_AWAY = {"hospital_stay": Cause.HOSPITAL, RESIDENCE: Cause.LEFT}
#: Of several causes the last of these is told.
_STRONGEST = (Cause.HOSPITAL, Cause.PRISON, Cause.LEFT)


def lives_of(people: Iterable[int]) -> list[Life]:
    """How the lives of these people (survivors of merges) stand; for the program, without scope."""
    wanted = set(people)
    records: dict[int, list[int]] = {}
    for record, person in sorted(person_of_records(wanted).items()):
        records.setdefault(person, []).append(record)
    gone: dict[int, Cause] = {}
    for person, kind in away().filter(elder_id__in=wanted).values_list("elder_id", "kind"):
        cause = _AWAY.get(kind, Cause.PRISON)
        gone[person] = max(gone.get(person, cause), cause, key=_STRONGEST.index)
    left = left_of(wanted)
    every = [record for person in records.values() for record in person]
    lives = Elder.objects.filter(pk__in=every)
    where = dict(lives.values_list("pk", "region_id"))
    return [
        Life(
            elder,
            tuple(records[elder.pk]),
            elder.died_on,
            gone.get(elder.pk),
            frozenset(where[record][:6] for record in records[elder.pk]),
            left=left.get(elder.pk, {}),
        )
        for elder in lives.filter(pk__in=wanted, merged_into=None).order_by("pk")
    ]


def joined_since(since: datetime, low: str, high: str) -> list[tuple[int, datetime]]:
    """People of divisions whose records were joined or parted since, and when; without scope."""
    turns = Turn.objects.filter(kind=TurnKind.RECORD, at__gt=since)
    here = turns.filter(region_id__gte=low, region_id__lte=high).order_by("id")
    return list(here.values_list("elder_id", "at"))


def away() -> QuerySet[CurrentFact]:
    """What says that somebody is in hospital, in prison or in another city, by ``elder_id``."""
    gone = Q(kind="exclusion", value__in=_GONE)
    left = Q(elsewhere("value"), kind=RESIDENCE)
    return CurrentFact.objects.filter(Q(kind="hospital_stay") | gone | left)


def left_of(people: Iterable[int] | QuerySet[Any]) -> dict[int, dict[str, date]]:
    """Whose hukou, or place to live, is in another city, and since when; without scope."""
    rows = CurrentFact.objects.filter(elsewhere("value"), kind__in=PLACES, elder_id__in=people)
    found: dict[int, dict[str, date]] = {}
    for row in rows.only("elder_id", "kind", "valid_from", "observed_at"):
        since = row.valid_from or row.observed_at.astimezone(clock.SHANGHAI).date()
        found.setdefault(row.elder_id, {})[row.kind] = since
    return found


def followed_of(actor: Actor, elder: Elder) -> QuerySet[Followed]:
    """What followed in the rooms when this person's life turned, newest first.

    Raises NotAllowed.
    """
    require(actor, ELDER_READ)
    records = person_of_records([elder.pk])
    mine = in_scope(actor).filter(pk__in=records)
    return Followed.objects.filter(elder__in=mine).order_by("-id")
