"""What one district of the demo city consists of, and the numbers its rows got in the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np

from songbai.cli.demo.batch import ElderBatch
from songbai.cli.demo.crew import Crew, Offered
from songbai.cli.demo.fleet import VehicleRow
from songbai.cli.demo.history import stamp
from songbai.cli.demo.hospitals import Hospitals
from songbai.cli.demo.identity import IntArray
from songbai.cli.demo.network import Network
from songbai.cli.demo.tables import Numbers
from songbai.core import clock


@dataclass(frozen=True, slots=True)
class Plan:
    """What to build: how long a history, from which seed, as of which moment."""

    seed: int
    now: datetime
    days: int

    @property
    def today(self) -> date:
        """The civil date in Shanghai."""
        return self.now.astimezone(clock.SHANGHAI).date()

    @property
    def oldest(self) -> date:
        """The first day of the history."""
        return self.today - timedelta(days=self.days)

    @property
    def tomorrow(self) -> date:
        """The last day for which work is planned."""
        return self.today + timedelta(days=1)

    @property
    def stamp(self) -> np.datetime64:
        """The moment in the arrays' unit."""
        return stamp(self.now)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account."""

    account: int | None
    name: str


@dataclass(slots=True)
class Named:
    """Rows of the elders the demo tells about."""

    mother: int
    father: int
    stranger: int

    def rows(self) -> list[int]:
        """The two elders of the daughter."""
        return [self.mother, self.father]


NOBODY = Person(None, "系统")


@dataclass(slots=True)
class District:
    """One district in the making."""

    code: str
    block: int
    plan: Plan
    numbers: Numbers
    batch: ElderBatch
    network: Network
    crew: Crew
    offered: Offered
    hospitals: Hospitals
    elder_ids: IntArray
    fleet: tuple[VehicleRow, ...] = ()
    named: Named | None = None
    provider_ids: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    bodies: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    hospital_ids: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    offer_ids: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    staff_ids: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    staff_accounts: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    families: dict[int, Person] = field(default_factory=dict)
    """Who acts for an elder (row)."""
    dispatcher: Person = NOBODY
    officer: Person = NOBODY
    sick: tuple[int, ...] = ()
    """Caregivers who called in sick this morning."""

    def rng(self, stage: int) -> np.random.Generator:
        """The generator of one stage."""
        return np.random.default_rng([self.plan.seed, int(self.code[:6]), stage])
