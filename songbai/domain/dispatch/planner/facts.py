"""What is known of a day when it is planned; minutes since midnight in Shanghai."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from songbai.core.geo import Mode, Place
from songbai.domain.dispatch.vehicles import Vehicle, carries
from songbai.domain.providers.rules import VehicleKind

#: A visit that runs over is thought to last so many minutes more.
SOON = 5


@dataclass(frozen=True)
class Here:
    """Where somebody's phone was, and in which minute."""

    place: Place
    minute: int


@dataclass(frozen=True)
class Member:
    """A caregiver on one shift; who works two shifts of a day comes twice.

    With a vehicle, ``base`` is where it stands and ``mode`` is its own. ``here``: where she was
    last, when she shares it and it is fresh.
    """

    shift_id: int
    staff_id: int
    name: str
    provider_id: int
    skills: frozenset[str]
    sex: str
    starts: int
    ends: int
    base: Place
    mode: Mode
    here: Here | None = None
    vehicle: Vehicle | None = None


@dataclass(frozen=True)
class Standing:
    """Who was sent and told; ``begun`` and ``ended`` once somebody has come and gone.

    ``travel_minutes`` and ``metres`` are those of the way to it, as they were when it was decided.
    """

    assignment_id: int
    staff_id: int
    start: int
    begun: int | None = None
    ended: int | None = None
    travel_minutes: int = 0
    metres: int = 0


@dataclass(frozen=True)
class Need:
    """One caregiver's part of an order.

    Attributes:
        seat: 1, or 2 for the second caregiver of an order that needs two.
        earliest, latest: the window agreed for the start; its part of it where the elder has other
            visits (``apart``), then ``asked`` is the whole.
        known: staff who have been there before. refused, preferred: staff named by the elder.
        failed: staff who came for this order and were judged not to have given it.
        sex: "m", "f", or "" when anybody may come.
        end: where it ends, when that is not where it begins (the hospital of an escort).
        vehicle: what it cannot be done without. load: what it uses of it.
    """

    order_id: int
    seat: int
    provider_id: int
    skills: frozenset[str]
    earliest: int
    latest: int
    minutes: int
    place: Place
    known: frozenset[int] = frozenset()
    refused: frozenset[int] = frozenset()
    preferred: frozenset[int] = frozenset()
    sex: str = ""
    standing: Standing | None = None
    end: Place | None = None

    @property
    def leaves(self) -> Place:
        """Where whoever did it goes on from."""
        return self.end or self.place

    vehicle: VehicleKind | None = None
    load: int = 0
    elder_id: int = 0
    asked: tuple[int, int] | None = None
    failed: frozenset[int] = frozenset()

    @property
    def agreed(self) -> tuple[int, int]:
        """The window agreed for the start, whole: within it a dispatcher decides by hand."""
        return self.asked or (self.earliest, self.latest)

    def carried_by(self, member: Member) -> bool:
        """Whether what somebody has on her shift is enough."""
        return carries(member.vehicle, self.vehicle, self.load)

    def suits(self, member: Member) -> bool:
        """Whether skills, vehicle and the elder's wish allow it, whatever the time."""
        able = self.skills <= member.skills and self.carried_by(member)
        return able and self.welcomes(member)

    def welcomes(self, member: Member) -> bool:
        """Whether the elder's wish lets this caregiver come."""
        asked = not self.sex or member.sex == self.sex
        return asked and member.staff_id not in self.refused

    @property
    def has_begun(self) -> bool:
        """Whether somebody has come."""
        return self.standing is not None and self.standing.begun is not None

    @property
    def key(self) -> str:
        """Its name in the solver's problem."""
        return str(self.order_id) if self.seat == 1 else f"{self.order_id}+{self.seat}"


@dataclass(frozen=True)
class Facts:
    """A day; ``now`` is the minute it is when the day is today, None for a day to come."""

    day: date
    now: int | None
    members: tuple[Member, ...]
    needs: tuple[Need, ...]

    @cached_property
    def providers(self) -> list[int]:
        """Whose orders there are: an order goes to one provider, so each is planned alone."""
        return sorted({need.provider_id for need in self.needs})

    @cached_property
    def sent(self) -> dict[int, list[Need]]:
        """What each was sent for, by staff."""
        found: dict[int, list[Need]] = {}
        for need in self.needs:
            if need.standing:
                found.setdefault(need.standing.staff_id, []).append(need)
        return found

    @cached_property
    def names(self) -> dict[int, str]:
        """Names of those on shift, by staff."""
        return {member.staff_id: member.name for member in self.members}

    def of(self, provider_id: int) -> Facts:
        """One provider's part."""
        return Facts(
            self.day,
            self.now,
            tuple(m for m in self.members if m.provider_id == provider_id),
            tuple(n for n in self.needs if n.provider_id == provider_id),
        )


@dataclass(frozen=True)
class Decided:
    """What a dispatcher has fixed in a draft: who, and when too if ``start`` is given.

    ``despite``: the reason, where the elder is away or somebody else is there then.
    """

    staff_id: int
    start: int | None = None
    despite: str = ""
