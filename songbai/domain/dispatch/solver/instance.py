"""The benchmark's instance and solution files (HHCRSP), read into arrays and written back."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Files carry minutes with up to three decimals; the search counts whole thousandths of a minute.
TICKS = 1000


class BadInstance(ValueError):
    """The instance file cannot be read; the message names the place."""


@dataclass(frozen=True)
class Instance:
    """One day of visits in arrays; all times in ticks (1/1000 minute).

    A *service* is one caregiver's part of a patient's visit; ``n`` services, ``k`` caregivers.

    Attributes:
        patient: (n,) index into ``patient_ids``.
        service: (n,) index into ``service_ids``.
        opens, closes: (n,) window of the start; after ``closes`` each tick is lateness.
        minutes: (n,) duration.
        partner: (n,) the other service of the same patient, or -1.
        least, most: (n,) the partner starts that much after this one, at least and at most.
        able: (n, k) whether the caregiver may deliver the service.
        travel: (p + 1, p + 1) travel between places; 0 is the office, i + 1 patient i.
    """

    name: str
    patient_ids: tuple[str, ...]
    service_ids: tuple[str, ...]
    caregiver_ids: tuple[str, ...]
    patient: NDArray[np.int32]
    service: NDArray[np.int32]
    opens: NDArray[np.int32]
    closes: NDArray[np.int32]
    minutes: NDArray[np.int32]
    partner: NDArray[np.int32]
    least: NDArray[np.int32]
    most: NDArray[np.int32]
    able: NDArray[np.bool_]
    travel: NDArray[np.int32]

    @property
    def services(self) -> int:
        """How many services there are."""
        return len(self.patient)

    @property
    def caregivers(self) -> int:
        """How many caregivers there are."""
        return len(self.caregiver_ids)


def ticks(minutes: float) -> int:
    """Minutes as whole ticks."""
    return round(minutes * TICKS)


def load(path: Path) -> Instance:
    """Read an instance file.

    Raises:
        BadInstance: not JSON, a field missing, or somebody is needed whom nobody can be.
    """
    try:
        return parse(json.loads(path.read_text(encoding="utf-8")), path.stem)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        if isinstance(error, BadInstance):
            raise
        raise BadInstance(f"{path.name}: {type(error).__name__}: {error}") from error


def parse(data: dict[str, Any], name: str) -> Instance:
    """Build the arrays from the decoded file."""
    default = {s["id"]: s.get("default_duration", 0) for s in data["services"]}
    service_of = {s: i for i, s in enumerate(default)}
    rows: list[tuple[int, int, int, int, int, int, int, int]] = []
    for p, patient in enumerate(data["patients"]):
        low, high = (ticks(t) for t in patient["time_window"])
        needs = patient["required_caregivers"]
        if len(needs) not in (1, 2):
            raise BadInstance(f"{patient['id']}: {len(needs)} services, 1 or 2 are possible")
        lags = _lags(patient) if len(needs) == 2 else [(0, 0)]
        for half, need in enumerate(needs):
            partner = len(rows) + 1 - 2 * half if len(needs) == 2 else -1
            minutes = ticks(need.get("duration", default[need["service"]]))
            kind = service_of[need["service"]]
            rows.append((p, kind, low, high, minutes, partner, *lags[half]))
    columns = np.array(rows, dtype=np.int32).reshape(-1, 8).T
    patient_of, service, opens, closes, minutes_of, partner_of, least, most = (
        np.ascontiguousarray(column) for column in columns
    )
    able = np.array(
        [
            [data["services"][s]["id"] in c["abilities"] for c in data["caregivers"]]
            for s in service
        ],
        dtype=np.bool_,
    ).reshape(len(rows), len(data["caregivers"]))
    travel = np.rint(np.array(data["distances"], dtype=np.float64) * TICKS).astype(np.int32)
    places = len(data["patients"]) + 1
    if travel.shape != (places, places):
        raise BadInstance(f"distances: {travel.shape}, expected {(places, places)}")
    _check_somebody_can(data, able, patient_of, partner_of)
    return Instance(
        name=name,
        patient_ids=tuple(str(p["id"]) for p in data["patients"]),
        service_ids=tuple(default),
        caregiver_ids=tuple(str(c["id"]) for c in data["caregivers"]),
        patient=patient_of,
        service=service,
        opens=opens,
        closes=closes,
        minutes=minutes_of,
        partner=partner_of,
        least=least,
        most=most,
        able=able,
        travel=travel,
    )


def _lags(patient: dict[str, Any]) -> list[tuple[int, int]]:
    rule = patient["synchronization"]
    if rule["type"] == "simultaneous":
        return [(0, 0), (0, 0)]
    if rule["type"] != "sequential":
        raise BadInstance(f"{patient['id']}: synchronization {rule['type']!r} is not known")
    least, most = (ticks(t) for t in rule["distance"])
    if least > most:
        raise BadInstance(f"{patient['id']}: distance {rule['distance']}: the least is the larger")
    return [(least, most), (-most, -least)]


def _check_somebody_can(
    data: dict[str, Any],
    able: NDArray[np.bool_],
    patient: NDArray[np.int32],
    partner: NDArray[np.int32],
) -> None:
    for v in range(len(able)):
        who = data["patients"][patient[v]]["id"]
        if not able[v].any():
            raise BadInstance(f"{who}: no caregiver has the ability for a service")
        if partner[v] > v and (able[v] | able[partner[v]]).sum() < 2:
            raise BadInstance(f"{who}: two caregivers are needed, only one has the abilities")


@dataclass(frozen=True)
class Cost:
    """Parts of the objective, in ticks; ``value`` is a third of their sum, in minutes."""

    travel: int
    lateness: int
    worst: int

    @property
    def value(self) -> float:
        """The benchmark's objective, minutes."""
        return (self.travel + self.lateness + self.worst) / 3 / TICKS


@dataclass(frozen=True)
class Solution:
    """Routes as service indices per caregiver, in driving order, with starts in ticks."""

    routes: tuple[tuple[int, ...], ...]
    start: NDArray[np.int64]
    cost: Cost


def as_json(instance: Instance, solution: Solution) -> dict[str, Any]:
    """The solution as the scoring expects it."""
    routes = []
    for caregiver, route in enumerate(solution.routes):
        if not route:
            continue
        visits = [
            {
                "patient": instance.patient_ids[instance.patient[v]],
                "service": instance.service_ids[instance.service[v]],
                "start": round(int(solution.start[v]) / TICKS, 3),
            }
            for v in route
        ]
        routes.append({"caregiver": instance.caregiver_ids[caregiver], "visits": visits})
    return {"routes": routes}
