"""How the effort is divided: plans made afresh first, children of the best plans afterwards.

Each phase is one fall of the temperature. A long day wants its first fall slow; what is left over
goes into children (``mix.py``), which are quick, as only their seams need mending.
"""

from typing import NamedTuple

#: Temperatures at the beginning of a fresh plan and of a child, and at the end of both, in mean
#: distances to the five nearest places.
HOT, WARM, COLD = 3.0, 0.6, 0.2
#: Share of the effort for fresh plans, at least; where there is time for one only, at most.
FRESH, ONE_FRESH = 0.5, 0.7
#: Seconds of one core that a fresh plan and a child want per service.
FRESH_SECONDS, CHILD_SECONDS = 0.01, 0.004
MOST_FRESH = 3


class Phase(NamedTuple):
    """One fall of the temperature; begin and end are shares of the effort."""

    fresh: bool
    begin: float
    end: float

    def heat(self, share: float) -> float:
        """Temperature when ``share`` of the whole effort is spent, in near distances."""
        hot = HOT if self.fresh else WARM
        done = max(0.0, (share - self.begin) / (self.end - self.begin))
        return float(hot * (COLD / hot) ** done)


def phases(seconds: float, services: int) -> tuple[Phase, ...]:
    """The phases of a search of ``seconds`` per core for a day of ``services``."""
    seconds, services = max(seconds, 1e-6), max(services, 1)
    fresh = round(seconds * FRESH / (services * FRESH_SECONDS))
    fresh = max(1, min(MOST_FRESH, fresh))
    share = FRESH
    if fresh == 1:
        share = max(FRESH, min(ONE_FRESH, services * FRESH_SECONDS / seconds))
    children = max(1, round(seconds * (1 - share) / (services * CHILD_SECONDS)))
    ends = [share * (i + 1) / fresh for i in range(fresh)]
    ends += [share + (1 - share) * (i + 1) / children for i in range(children)]
    return tuple(
        Phase(i < fresh, begin, end)
        for i, (begin, end) in enumerate(zip([0.0, *ends], ends, strict=False))
    )
