"""What a snapshot is to hold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from songbai.domain.benefits.population import Column, columns_for
from songbai.domain.benefits.rules.months import Day, Month
from songbai.domain.benefits.rules.policy import Policy

#: Kinds the checks need beside those of policies.
CHECKED = ("bank_card", "exclusion")
#: Kinds that are columns of the register itself and do not change from day to day.
REGISTERED = {"birth_date": "birth_date", "sex": "sex", "death": "died_on"}


#: Where a statement's parts stand.
_PARTS = {"observed": "observed_at", "since": "valid_from"}


@dataclass(frozen=True)
class Wanted:
    """What to freeze. ``known_at`` None is now; ``region`` a prefix."""

    region: str
    month: Month
    policies: Sequence[Policy]
    known_at: datetime | None = None

    @property
    def columns(self) -> list[Column]:
        """Facts and who is being paid, in a fixed order."""
        return sorted(columns_for(self.policies), key=lambda column: column.name)

    @property
    def kinds(self) -> list[str]:
        """The register's kinds to read."""
        facts = [c.fact for c in self.columns if c.fact is not None]
        asked = {fact.register for fact in facts}
        if any(fact.without is not None for fact in facts):
            asked.add("disability_kind")
        columns = set(REGISTERED) - (set() if self.known_at is None else {"death"})
        return sorted((asked | set(CHECKED)) - columns - {""})

    @property
    def days(self) -> list[Day]:
        """The days of the month facts are read on; the last one always."""
        return sorted({Day.LAST_DAY, *(c.day for c in self.columns if c.fact is not None)})

    @property
    def parts(self) -> list[str]:
        """What to read of a statement beside its value."""
        facts = [c.fact for c in self.columns if c.fact is not None]
        read = {"fact_id" if one.within else _PARTS[one.part] for one in facts if one.part}
        return sorted(read)

    @property
    def stays(self) -> list[tuple[str, int]]:
        """Kinds of divisions of which is asked since when they stand, in how many digits."""
        facts = [c.fact for c in self.columns if c.fact is not None]
        return sorted({(one.register, one.within) for one in facts if one.within})


def without_source(policies: Iterable[Policy]) -> list[str]:
    """Facts these policies ask for that no source delivers and nothing is assumed of."""
    kinds = [c.fact for c in columns_for(policies) if c.fact is not None]
    return sorted({k.key for k in kinds if not k.register and k.missing is None})
