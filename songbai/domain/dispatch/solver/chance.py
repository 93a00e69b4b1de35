"""Random numbers for the compiled search: a 64-bit xorshift held in a one-element array."""

import numpy as np
from numpy.typing import NDArray

from songbai.domain.dispatch.solver.compiled import inlined

State = NDArray[np.uint64]


def seeded(seed: int) -> State:
    """A generator; the same numbers for the same seed."""
    mixed = np.random.SeedSequence(seed).generate_state(1, np.uint64)
    return np.asarray(mixed | np.uint64(1), dtype=np.uint64)


@inlined
def _next(state):
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return x


@inlined
def unit(state):
    """A float in [0, 1)."""
    return (_next(state) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inlined
def below(state, limit):
    """An integer in [0, limit)."""
    return np.int64(((_next(state) >> np.uint64(32)) * np.uint64(limit)) >> np.uint64(32))
