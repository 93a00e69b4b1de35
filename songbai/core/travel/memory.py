"""Roads stay where they are: what a road server said once is remembered."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np

from songbai.core.geo import Mode, Place

from .rules import Minutes

_Way = tuple[float, float, float, float, str]
UNKNOWN = -1


class Memory:
    """The latest ways asked, in this process; safe between threads.

    Places are told apart to four decimals of a degree, about ten metres.
    """

    def __init__(self, most: int = 1_000_000) -> None:
        self.most = most
        self._ways: OrderedDict[_Way, int] = OrderedDict()
        self._lock = Lock()

    def recall(self, starts: Sequence[Place], ends: Sequence[Place], mode: Mode) -> Minutes:
        """Minutes of every way, UNKNOWN where nobody has said; shape (starts, ends)."""
        ways = [[self._ways.get(_way(a, b, mode), UNKNOWN) for b in ends] for a in starts]
        return np.array(ways, dtype=np.int32).reshape(len(starts), len(ends))

    def keep(
        self, starts: Sequence[Place], ends: Sequence[Place], mode: Mode, minutes: Minutes
    ) -> None:
        """Remember the minutes of every way; the oldest are forgotten when there are too many."""
        with self._lock:
            for start, row in zip(starts, minutes.tolist(), strict=True):
                for end, one in zip(ends, row, strict=True):
                    self._ways[_way(start, end, mode)] = one
            while len(self._ways) > self.most:
                self._ways.popitem(last=False)


def _way(start: Place, end: Place, mode: Mode) -> _Way:
    x, y, to_x, to_y = start.longitude, start.latitude, end.longitude, end.latitude
    return round(x, 4), round(y, 4), round(to_x, 4), round(to_y, 4), mode
