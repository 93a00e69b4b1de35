"""Who gave way to money that its own month then did not pay."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from songbai.domain.benefits.lake import engine as lakes
from songbai.domain.benefits.models import Cycle, Snapshot, SnapshotFile
from songbai.domain.benefits.population.at_size import mates
from songbai.domain.benefits.rules.cycle import FileKind
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.policy import Policy
from songbai.domain.benefits.rules.rhythms import rests

#: Decided beside another that was a yes, of whose paying month they then were none.
_SQL = """
SELECT mine.person FROM (SELECT person FROM {then}
    WHERE policy = ? AND district = ? AND failed IN (0, ?) AND unknown = 0) mine
  SEMI JOIN (SELECT person FROM {then} WHERE policy = ? AND failed = 0) other USING (person)
  ANTI JOIN (SELECT person FROM {paid} WHERE policy = ?) later USING (person)
"""


def never_came(
    cycle: Cycle, months: Sequence[tuple[Cycle, Sequence[Policy]]]
) -> Iterator[tuple[int, tuple[datetime, str]]]:
    """People who gave way in past months to what its paying month, past or this cycle's, found no
    right to: with when that was known, and the cause. Nothing need have been said of them: a proof
    grew old, an age went by.
    """
    snapshots = {held.month: held.snapshot for held, _ in months} | {cycle.month: cycle.snapshot}
    for held, policies in months:
        mine = next(policy for policy in policies if policy.code == cycle.policy)
        for other, paying in _awaited(mine, policies, Month.parse(held.month)):
            if paid := snapshots.get(paying.text):
                for person in _people(held, mine, other, paid):
                    yield person, (paid.known_at, "stacking")


def _awaited(
    mine: Policy, policies: Sequence[Policy], month: Month
) -> Iterator[tuple[Policy, Month]]:
    """The policies beside one in a group that a later month pays, with that month."""
    for other in policies:
        if other is not mine and len(mates(mine, [mine, other])) > 1:
            for paying in {part.paying(month) for part in other.amounts if rests(part, month)}:
                yield other, paying


def _people(held: Cycle, mine: Policy, other: Policy, paid: Snapshot) -> list[int]:
    then, later = _outcomes(held.snapshot), _outcomes(paid)
    places, after = then.layout["policies"], later.layout["policies"]
    if other.code not in after:
        return []
    asked = [places.index(mine.code), int(held.region_id[:6]), mine.bits["stacking"]]
    with lakes.lake() as engine:
        files = {"then": lakes.verified(engine, then), "paid": lakes.verified(engine, later)}
        found = engine.execute(
            _SQL.format(**files), [*asked, places.index(other.code), after.index(other.code)]
        )
        return [person for (person,) in found.fetchall()]


def _outcomes(snapshot: Snapshot) -> SnapshotFile:
    return snapshot.files.get(kind=FileKind.OUTCOMES)
