"""Who may well come before whom: by travel, waiting and lateness."""

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


def around(instance: Instance, time: float = 0.1) -> NDArray[np.int32]:
    """For each service all services by distance and time, itself first: (n, n)."""
    place = instance.patient + 1
    there = instance.travel[np.ix_(place, place)].astype(np.float64)
    score = there + there.T + time * np.abs(instance.opens[:, None] - instance.opens[None, :])
    return _ranked(score)


def rivals(
    instance: Instance, road: float = 0.25, time: float = 0.5, apart: float = 4.0
) -> NDArray[np.int32]:
    """For each service all services by how much they want the same caregivers then: (n, n)."""
    place = instance.patient + 1
    there = instance.travel[np.ix_(place, place)].astype(np.float64)
    able = instance.able.astype(np.float32)
    common, crew = able @ able.T, able.sum(axis=1)
    shared = common / np.maximum(1, np.minimum(crew[:, None], crew[None, :]))
    score = (
        road * (there + there.T)
        + time * np.abs(instance.opens[:, None] - instance.opens[None, :])
        + apart * max(1.0, float(there.mean())) * (1 - shared)
    )
    return _ranked(score)


def _ranked(score: NDArray[np.float64]) -> NDArray[np.int32]:
    """Column numbers of each row by ``score``, the row's own first."""
    np.fill_diagonal(score, -1)
    return np.argsort(score, axis=1, kind="stable").astype(np.int32)
