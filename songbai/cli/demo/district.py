"""What one district of the demo city consists of, and the rows it got in the database."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from random import Random

import numpy as np

from songbai.cli.demo.batch import ElderBatch
from songbai.cli.demo.crew import Crew, Offered
from songbai.cli.demo.fleet import Driven
from songbai.cli.demo.hospitals import Hospitals
from songbai.cli.demo.identity import IntArray
from songbai.cli.demo.network import Network
from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.geo import Place
from songbai.core.loading import Load
from songbai.domain.catalogue.models import Offer
from songbai.domain.catalogue.rules import Item
from songbai.domain.providers.declares import CAREGIVER
from songbai.domain.providers.models import MedicalPlace, StaffMember

Days = np.ndarray[tuple[int], np.dtype["np.datetime64[date]"]]


@dataclass(frozen=True)
class Plan:
    """What to build: how long a history, from which seed, as of which moment."""

    seed: int
    now: datetime
    days: int

    @property
    def today(self) -> date:
        """The civil date in Shanghai."""
        return self.now.astimezone(clock.SHANGHAI).date()

    @cached_property
    def oldest(self) -> date:
        """The first day of the history."""
        return self.today - timedelta(days=self.days)

    @property
    def months(self) -> list[str]:
        """Every civil month of the history and of tomorrow, ``YYYY-MM``."""
        first, end = np.datetime64(self.oldest, "M"), np.datetime64(self.tomorrow, "M")
        return [str(month) for month in np.arange(first, end + 1)]

    @property
    def tomorrow(self) -> date:
        """The last day for which work is planned."""
        return self.today + timedelta(days=1)

    @cached_property
    def begins(self) -> datetime:
        """The first moment of the history."""
        return clock.at(self.oldest, 0)


@dataclass(slots=True)
class Named:
    """Rows of the elders the demo tells about."""

    mother: int
    father: int
    stranger: int

    def rows(self) -> list[int]:
        """The two elders of the daughter."""
        return [self.mother, self.father]


@dataclass
class District:
    """One district in the making; rows are those of the batch, the crew and what is offered."""

    code: str
    block: int
    plan: Plan
    load: Load
    batch: ElderBatch
    network: Network
    crew: Crew
    offered: Offered
    hospitals: Hospitals
    elder_ids: IntArray
    fleet: tuple[Driven, ...] = ()
    named: Named | None = None
    provider_ids: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    bodies: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    assessed_on: Days = field(default_factory=lambda: np.zeros(0, dtype="M8[D]"))
    """The day of each elder's latest result (row), NaT for who has none."""
    offers: list[Offer] = field(default_factory=list)
    staff: list[StaffMember] = field(default_factory=list)
    medical: list[MedicalPlace] = field(default_factory=list)
    families: dict[int, Actor] = field(default_factory=dict)
    """Who acts for an elder (row)."""
    dispatcher: Actor = SYSTEM
    officer: Actor = SYSTEM
    sick: tuple[int, ...] = ()
    """Caregivers who called in sick this morning."""

    def rng(self, stage: int) -> np.random.Generator:
        """The generator of one stage, for arrays."""
        return np.random.default_rng([self.plan.seed, int(self.code[:6]), stage])

    def random(self, stage: int) -> Random:
        """The generator of one stage, for one thing after the other."""
        return Random(f"{self.plan.seed}/{self.code}/{stage}")  # no secret

    def moment(self, day: int, minute: int) -> datetime:
        """A minute of a day of the history."""
        return self.plan.begins + timedelta(days=day, minutes=minute)

    def region(self, elder: int) -> str:
        """The village of an elder."""
        return self.batch.villages[int(self.batch.village[elder])].code

    def home(self, elder: int) -> Place:
        """Where an elder lives."""
        lon, lat = self.batch.lon[elder], self.batch.lat[elder]
        return Place(round(float(lon), 6), round(float(lat), 6))

    def end(self, elder: int, item: Item) -> Place:
        """Where a visit ends: at home, or at the elder's hospital."""
        if item.returns:
            return self.home(elder)
        there = self.hospitals.rows[int(self.hospitals.of[elder])]
        return Place(there.longitude, there.latitude)

    def hospital(self, elder: int) -> MedicalPlace:
        """The hospital an elder goes to."""
        return self.medical[int(self.hospitals.of[elder])]

    def caregiver(self, staff: StaffMember) -> Actor:
        """Somebody of the crew, at work."""
        return Actor(staff.account_id, staff.name, CAREGIVER)
