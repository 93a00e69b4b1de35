"""A first plan: visits by window, each appended where it costs least."""

import numpy as np

from songbai.domain.dispatch.solver.compiled import kernel
from songbai.domain.dispatch.solver.moves import join


@kernel
def _arrival(visits, travel, k, v, sentinels):
    last = visits[sentinels + k].before
    there = visits[last].start + visits[last].minutes + travel[visits[last].place, visits[v].place]
    return max(there, visits[v].opens)


@kernel
def _price(visits, travel, k, v, start, sentinels):
    last = visits[sentinels + k].before
    detour = travel[visits[last].place, visits[v].place]
    return detour + 4 * max(0, start - visits[v].closes)


@kernel
def _append(visits, k, v, start, sentinels):
    last = visits[sentinels + k].before
    join(visits, last, v)
    join(visits, v, sentinels + k)
    visits[v].route = k
    visits[v].start = start
    visits[v].free = 0


@kernel
def append_all(visits, able, travel, order):
    """Append services in ``order`` (first halves only; partners come along)."""
    sentinels, caregivers = able.shape
    for v in order:
        u = visits[v].partner
        least = np.int64(1) << 60
        k_v, k_u, start_v, start_u = -1, -1, np.int64(0), np.int64(0)
        for k in range(caregivers):
            if not able[v, k]:
                continue
            s = np.int64(_arrival(visits, travel, k, v, sentinels))
            if u < 0:
                price = _price(visits, travel, k, v, s, sentinels)
                if price < least:
                    least, k_v, start_v = np.int64(price), k, s
                continue
            for j in range(caregivers):
                if j == k or not able[u, j]:
                    continue
                t = np.int64(_arrival(visits, travel, j, u, sentinels))
                t = max(t, s + visits[v].least)
                r = max(s, t - visits[v].most)
                price = _price(visits, travel, k, v, r, sentinels)
                price += _price(visits, travel, j, u, t, sentinels)
                if price < least:
                    least, k_v, k_u, start_v, start_u = np.int64(price), k, j, r, t
        _append(visits, k_v, v, start_v, sentinels)
        if u >= 0:
            _append(visits, k_u, u, start_u, sentinels)
