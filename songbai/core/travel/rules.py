"""What every travel adapter answers."""

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from songbai.core.geo import Mode, Place

#: Whole minutes; rows are where one starts, columns where one goes.
Minutes: TypeAlias = npt.NDArray[np.int32]


class Travel(Protocol):
    """Minutes from place to place; 0 from a place to itself."""

    def minutes(self, start: Place, end: Place, mode: Mode) -> int:
        """Minutes of one way."""
        ...

    def matrix(self, starts: Sequence[Place], ends: Sequence[Place], mode: Mode) -> Minutes:
        """Minutes of every way from ``starts`` to ``ends``, shape (starts, ends)."""
        ...
