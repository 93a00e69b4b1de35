"""Who may well come before whom: by travel, waiting and lateness."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from songbai.domain.dispatch.solver.instance import Instance


def nearby(
    instance: Instance, size: int, waiting: float = 0.2, late: float = 1.0
) -> NDArray[np.int32]:
    """For each service the ``size`` best services to come right before it, best first; (n, size).

    Only services that some one caregiver can deliver both of, of two patients.
    """
    place = instance.patient + 1
    there = instance.travel[np.ix_(place, place)].T.astype(np.float64)  # [v, w]: from w to v
    arrive = instance.minutes[None, :] + there
    soonest = instance.opens[None, :] + arrive
    latest = instance.closes[None, :] + arrive
    score = (
        there
        + waiting * np.maximum(0, instance.opens[:, None] - latest)
        + late * np.maximum(0, soonest - instance.closes[:, None])
    )
    able = instance.able.astype(np.float32)
    score[(able @ able.T) == 0] = np.inf
    score[instance.patient[:, None] == instance.patient[None, :]] = np.inf
    order = np.argsort(score, axis=1, kind="stable")[:, :size].astype(np.int32)
    for v in range(len(order)):  # a service with few such neighbours sees them again
        good = int(np.isfinite(score[v, order[v]]).sum())
        if 0 < good < order.shape[1]:
            order[v] = np.resize(order[v, :good], order.shape[1])
    return order


def around(instance: Instance, size: int, time: float = 0.1) -> NDArray[np.int32]:
    """For each service the services in its surroundings, itself first: (n, size)."""
    place = instance.patient + 1
    there = instance.travel[np.ix_(place, place)].astype(np.float64)
    score = there + there.T + time * np.abs(instance.opens[:, None] - instance.opens[None, :])
    np.fill_diagonal(score, -1)
    return np.argsort(score, axis=1, kind="stable")[:, :size].astype(np.int32)
