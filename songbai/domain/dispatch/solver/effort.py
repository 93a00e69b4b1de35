"""How long a search may take, and what it tells on the way."""

import time
from collections.abc import Callable
from dataclasses import dataclass

#: Seconds of loading kernels that count as search; compiling them the first time does not.
MOST_LOADING = 1.0


@dataclass(frozen=True)
class Effort:
    """How long to search.

    Attributes:
        seconds: wall time, counted from the call of the search.
        iterations: tries per core; given, it replaces the time and makes the search repeatable.
        cores: threads.
        seed: the same seed and iterations give the same plan.
        clock: what tells the time; a CPU clock compares variants on a busy machine.
    """

    seconds: float = 10.0
    iterations: int | None = None
    cores: int = 1
    seed: int = 1
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True)
class Progress:
    """What the search tells now and then: share of the effort, best cost so far in minutes."""

    share: float
    cost: float
