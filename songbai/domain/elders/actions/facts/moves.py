"""Facts that follow the person: to another village, or to the record that turned out to be theirs.

Both change whose rows the facts are, never what they say, and run as the owner.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction

from songbai.core import clock
from songbai.core.acting import Actor, publish, require, system_only
from songbai.core.following import following
from songbai.core.overriding import triggers_of
from songbai.core.regions.rules import Level
from songbai.core.signing import asked
from songbai.core.sql import rows, run
from songbai.domain.elders.declares import FACT_RECORD
from songbai.domain.elders.models import CurrentFact, Elder, Fact, Turn, TurnKind
from songbai.domain.elders.queries import reach_of

from .person import derive_person
from .turns import take_turn

_MOVED = """
SELECT c.elder_id, e.region_id, r.code, r.longitude, r.latitude
FROM elders_currentfact c
  JOIN elders_elder e ON e.id = c.elder_id
  JOIN regions_region r ON r.code = c.value AND r.level = %s
WHERE c.kind = 'residence' AND c.value <> e.region_id AND e.erased_at IS NULL
  AND (NOT %s OR EXISTS (SELECT FROM elders_turn t
                         WHERE t.elder_id = c.elder_id AND t.kind = 'move' AND t.done_at IS NULL))
ORDER BY c.elder_id
"""
#: Of whose home nobody says anything any more: back to where they lived before the first move.
_BACK = """
SELECT e.id, e.region_id, r.code, r.longitude, r.latitude
FROM elders_elder e
  JOIN (SELECT DISTINCT elder_id FROM elders_fact
        WHERE kind = 'residence' AND withdrawn AND (NOT %s OR elder_id IN (
          SELECT elder_id FROM elders_turn WHERE kind = 'move' AND done_at IS NULL))
       ) gone ON gone.elder_id = e.id
  CROSS JOIN LATERAL (
    SELECT region_id FROM events_event v
    WHERE v.subject_kind = 'elder' AND v.subject_id = e.id AND v.kind = 'elder.moved'
    ORDER BY v.id LIMIT 1) first
  JOIN regions_region r ON r.code = first.region_id
WHERE first.region_id <> e.region_id AND e.erased_at IS NULL AND e.merged_into_id IS NULL
  AND NOT EXISTS (
    SELECT FROM elders_currentfact c WHERE c.elder_id = e.id AND c.kind = 'residence')
ORDER BY e.id
"""


def settle_moves(actor: Actor, *, lately: bool = False) -> int:
    """Move everybody whose residence stands in another village than the register's, with all that
    goes along: from then on the new place sees them, the old one does not.

    Whoever was moved by a word that was taken back goes back. ``lately``: only who was found to
    live elsewhere and is not followed yet. A residence that is no village moves nobody. Returns how
    many moved. Raises NotAllowed.
    """
    system_only(actor)
    back = rows(_BACK, [lately])
    note_moved(elder_id for elder_id, *_ in back)
    moved = [*rows(_MOVED, [Level.VILLAGE, lately]), *back]
    for elder_id, old, new, longitude, latitude in moved:
        _move(actor, elder_id, (old, new), (longitude, latitude))
    return len(moved)


def note_moved(people: Iterable[int]) -> None:
    """Where people live is to be looked at within the minute."""
    now, kind = clock.now(), TurnKind.MOVE
    elders = Elder.objects.filter(pk__in=list(people)).order_by("pk")
    Turn.objects.bulk_create(
        Turn(elder=one, region_id=one.region_id, kind=kind, at=now, told_at=now) for one in elders
    )


@transaction.atomic
def _move(
    actor: Actor, elder_id: int, way: tuple[str, str], home: tuple[float | None, float | None]
) -> None:
    take_turn(elder_id)
    old, new = way
    moved = Elder.objects.filter(pk=elder_id, region_id=old).update(region_id=new)
    if not moved:
        return
    if home[0] is not None and home[1] is not None:
        Elder.objects.filter(pk=elder_id).update(longitude=home[0], latitude=home[1])
    along = [one for one in following() if one.move == "goes along" and one.model is not Elder]
    with triggers_of(*(one.table for one in along)):
        for one in along:
            filed = f"UPDATE {one.table} SET region_id = %s"
            run(f"{filed} WHERE {one.person} = %s AND region_id <> %s", [new, elder_id, new])
    # Another district has other complete lists.
    elder = Elder.objects.get(pk=elder_id)
    kinds = CurrentFact.objects.filter(elder_id=elder_id).values_list("kind", flat=True)
    derive_person(elder, [*kinds])
    for region in (old, new):
        publish(
            "elder.moved",
            actor,
            subject=("elder", elder_id),
            region=region,
            person_id=elder_id,
            to=new,
        )


@transaction.atomic
def reassign(actor: Actor, facts: Sequence[int], elder: Elder) -> list[int]:
    """Let facts belong to another record of the same person (joining two records, or undoing it).

    Facts the other record already has stay where they are. Returns the ids that moved; give them
    back with another ``reassign``. Raises NotAllowed.
    """
    require(actor, FACT_RECORD, reach_of(elder))
    owners = list(
        Elder.objects.filter(facts__in=Fact.objects.filter(pk__in=facts)).distinct().order_by("pk")
    )
    for owner in sorted({*owners, elder}, key=lambda one: one.pk):
        require(actor, FACT_RECORD, reach_of(owner))
        take_turn(owner.pk)
    codes = set(Fact.objects.filter(pk__in=facts).values_list("kind", flat=True))
    moved = asked("elders_reassign_facts", list(facts), elder.pk)
    for one in {*owners, elder}:
        derive_person(Elder.objects.get(pk=one.pk), codes)
    return sorted(moved)
