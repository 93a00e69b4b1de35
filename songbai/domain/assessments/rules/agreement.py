"""How bodies and assessors judge: agreement in pairs, drift against peers, outliers. Pure."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

#: Control limits of a funnel plot: 95 % and 99.8 % of what chance does.
WARNING, OUTLIER = 1.96, 3.09


def weighted_kappa(counts: Sequence[Sequence[int]]) -> float | None:
    """Cohen's kappa with quadratic weights from a square table of counts.

    1 is full agreement, 0 what chance alone gives. None without pairs, or where both always give
    one and the same level (chance then agrees on everything).
    """
    size = len(counts)
    if any(len(row) != size for row in counts):
        raise ValueError("the table of counts must be square")
    total = sum(map(sum, counts))
    rows = [sum(row) for row in counts]
    columns = [sum(row[j] for row in counts) for j in range(size)]
    seen = expected = 0.0
    for i in range(size):
        for j in range(size):
            weight = (i - j) ** 2
            seen += weight * counts[i][j]
            expected += weight * rows[i] * columns[j] / total if total else 0
    return 1 - seen / expected if expected else None


@dataclass(frozen=True)
class Stratum:
    """A body's results among people of one kind (age band, living situation)."""

    body: int
    kind: str
    assessed: int
    severe: int


@dataclass(frozen=True)
class FunnelPoint:
    """A body beside its peers. ``ratio`` is severe results seen to those its people would get.

    The limits are for a body of this size if it judged as all others do; ``z`` beyond 1.96 is a
    warning and beyond 3.09 an outlier.
    """

    body: int
    assessed: int
    severe: int
    expected: float
    z: float
    low: float
    high: float

    @property
    def ratio(self) -> float | None:
        """Severe results per expected one."""
        return self.severe / self.expected if self.expected else None

    @property
    def is_outlier(self) -> bool:
        """Beyond what chance explains."""
        return abs(self.z) > OUTLIER

    @property
    def is_warning(self) -> bool:
        """Worth a look."""
        return abs(self.z) > WARNING


def funnel(strata: Iterable[Stratum]) -> list[FunnelPoint]:
    """Every body against its peers, by indirect standardisation; largest first.

    Expected results come from the rates of the *other* bodies in the same stratum, so that a large
    body does not set its own norm. A stratum nobody else has says nothing and is left out.
    """
    rows = list(strata)
    all_of: dict[str, tuple[int, int]] = {}
    for row in rows:
        assessed, severe = all_of.get(row.kind, (0, 0))
        all_of[row.kind] = (assessed + row.assessed, severe + row.severe)
    found = []
    for body in dict.fromkeys(row.body for row in rows):
        assessed = severe = 0
        expected = variance = 0.0
        for row in rows:
            peers = all_of[row.kind][0] - row.assessed
            if row.body != body or peers <= 0:
                continue
            rate = (all_of[row.kind][1] - row.severe) / peers
            assessed, severe = assessed + row.assessed, severe + row.severe
            expected += rate * row.assessed
            # The peers' own rate is uncertain too: their number widens the limits.
            variance += rate * (1 - rate) * row.assessed * (1 + row.assessed / peers)
        if assessed:
            found.append(_point(body, assessed, severe, expected, variance))
    return sorted(found, key=lambda point: -point.assessed)


def _point(body: int, assessed: int, severe: int, expected: float, variance: float) -> FunnelPoint:
    spread = math.sqrt(variance)
    z = (severe - expected) / spread if spread else 0.0
    low, high = max(expected - OUTLIER * spread, 0), min(expected + OUTLIER * spread, assessed)
    return FunnelPoint(body, assessed, severe, expected, z, low, high)


def table_of(pairs: Mapping[tuple[int, int], int], levels: int) -> list[list[int]]:
    """Counts of (one assessor's level, the other's) as a symmetric square table.

    Who of two equal assessors is the first has no meaning, so each pair counts both ways.
    """
    table = [[0] * levels for _ in range(levels)]
    for (one, other), count in pairs.items():
        table[one][other] += count
        table[other][one] += count
    return table


@dataclass(frozen=True)
class BodyFigures:
    """One body's work since a day. ``kappa`` is None where both assessors always say the same.

    ``minutes`` is the median length of an assessment at the elder's home.
    """

    body: int
    assessed: int
    kappa: float | None
    pairs: int
    agreeing: int
    minutes: float | None
    appeals: int
    upheld: int
    funnel: FunnelPoint | None


class Measure(StrEnum):
    """What about a body's work can be out of the ordinary."""

    DRIFT = "drift"  # 评出重度的比例离群
    AGREEMENT = "agreement"  # 两位评估员一致性低
    MINUTES = "minutes"  # 一次评估太快或太慢
    UPHELD = "upheld"  # 申诉后改了等级的多


#: Below this weighted kappa two assessors agree too little (0.6 is often called substantial); with
#: fewer pairs nothing is said. This and what follows are proposals of the platform, not of a law.
KAPPA_LOW, KAPPA_PAIRS = 0.6, 30
#: The median assessment takes less than half, or more than twice, of what it takes the peers.
MINUTES_APART, MINUTES_ASSESSED = 2.0, 30
#: So many of the appeals changed the level.
UPHELD_SHARE, UPHELD_APPEALS = 0.5, 5


@dataclass(frozen=True)
class Oddity:
    """One measure of one body that oversight should look into; ``usual`` is what is expected."""

    body: int
    measure: Measure
    value: float
    usual: float


def oddities(rows: Iterable[BodyFigures]) -> list[Oddity]:
    """What chance and habit do not explain, by body."""
    known = sorted(rows, key=lambda row: row.body)
    return [oddity for row in known for oddity in _odd(row, known)]


def _odd(row: BodyFigures, known: Sequence[BodyFigures]) -> Iterator[Oddity]:
    point = row.funnel
    if point and point.is_outlier and point.ratio is not None:
        yield Oddity(row.body, Measure.DRIFT, point.ratio, 1.0)
    if row.kappa is not None and row.pairs >= KAPPA_PAIRS and row.kappa < KAPPA_LOW:
        yield Oddity(row.body, Measure.AGREEMENT, row.kappa, KAPPA_LOW)
    peers = [one.minutes for one in known if one.body != row.body and one.minutes]
    if row.minutes is not None and _hurries(row, usual := median(peers or [row.minutes])):
        yield Oddity(row.body, Measure.MINUTES, row.minutes, usual)
    if row.appeals >= UPHELD_APPEALS and row.upheld >= row.appeals * UPHELD_SHARE:
        yield Oddity(row.body, Measure.UPHELD, row.upheld / row.appeals, UPHELD_SHARE)


def _hurries(row: BodyFigures, usual: float) -> bool:
    """Whether enough assessments take another time than they usually do, shorter or longer."""
    fits = usual / MINUTES_APART <= (row.minutes or 0) <= usual * MINUTES_APART
    return row.assessed >= MINUTES_ASSESSED and not fits
