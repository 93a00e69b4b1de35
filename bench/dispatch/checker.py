"""Says whether a solution file keeps the benchmark's six constraints, and what it costs.

Written from the constraints alone and sharing nothing with the search: it reads the decoded JSON
of both files, in floating-point minutes.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

#: Files carry three decimals.
TOLERANCE = 0.005


@dataclass(frozen=True)
class Verdict:
    """``faults`` is empty when every constraint holds; the cost is of the earliest schedule."""

    faults: tuple[str, ...]
    travel: float
    lateness: float
    worst: float

    @property
    def cost(self) -> float:
        """A third of travel, lateness and the worst lateness."""
        return (self.travel + self.lateness + self.worst) / 3


def check(instance: dict[str, Any], solution: dict[str, Any]) -> Verdict:
    """Check ``solution`` against ``instance``; both as decoded JSON."""
    day = _Day(instance)
    faults = day.read(solution) or day.time() or day.compare(solution)
    if faults:
        return Verdict(tuple(faults), 0.0, 0.0, 0.0)
    late = [max(0.0, t - day.window[stop[0]][1]) for stop, t in day.starts.items()]
    return Verdict((), day.travelled(), sum(late), max(late, default=0.0))


Stop = tuple[str, str]  # patient, service


class _Day:
    """One instance with one solution's routes."""

    def __init__(self, instance: dict[str, Any]) -> None:
        patients = instance["patients"]
        usual = {s["id"]: s.get("default_duration") for s in instance["services"]}
        self.place = {p["id"]: number for number, p in enumerate(patients, start=1)}
        self.window = {p["id"]: p["time_window"] for p in patients}
        self.distances = instance["distances"]
        self.abilities = {c["id"]: set(c["abilities"]) for c in instance["caregivers"]}
        self.stay: dict[Stop, float] = {
            (p["id"], need["service"]): need.get("duration", usual[need["service"]])
            for p in patients
            for need in p["required_caregivers"]
        }
        self.pairs = [p for p in patients if len(p["required_caregivers"]) == 2]
        self.routes: dict[str, list[Stop]] = {}
        self.starts: dict[Stop, float] = {}

    def read(self, solution: dict[str, Any]) -> list[str]:
        """Constraints 1 to 3: everything once, by somebody able, pairs by two people."""
        faults: list[str] = []
        who: dict[Stop, str] = {}
        for route in solution["routes"]:
            caregiver = route["caregiver"]
            if caregiver not in self.abilities or caregiver in self.routes:
                return [f"{caregiver}: unknown, or listed twice"]
            self.routes[caregiver] = [(v["patient"], v["service"]) for v in route["visits"]]
            for stop in self.routes[caregiver]:
                if stop not in self.stay or stop in who:
                    faults.append(f"{stop}: not asked for, or delivered twice")
                elif stop[1] not in self.abilities[caregiver]:
                    faults.append(f"{stop}: {caregiver} is not able")
                who[stop] = caregiver
        faults += [f"{stop}: not delivered" for stop in self.stay if stop not in who]
        for patient in self.pairs:
            stops = [(patient["id"], need["service"]) for need in patient["required_caregivers"]]
            if who.get(stops[0]) == who.get(stops[1]):
                faults.append(f"{patient['id']}: both services by one caregiver")
        return faults

    def time(self) -> list[str]:
        """Constraints 4 to 6: the earliest starts, by relaxing until nothing moves."""
        rules: list[tuple[Stop, Stop, float]] = []  # second starts at least so long after first
        self.starts = {stop: float(self.window[stop[0]][0]) for stop in self.stay}
        for route in self.routes.values():
            if route:
                office = self.distances[0][self.place[route[0][0]]]
                self.starts[route[0]] = max(self.starts[route[0]], office)
            for a, b in pairwise(route):
                road = self.distances[self.place[a[0]]][self.place[b[0]]]
                rules.append((a, b, self.stay[a] + road))
        for patient in self.pairs:
            first, second = ((patient["id"], n["service"]) for n in patient["required_caregivers"])
            sync = patient["synchronization"]
            least, most = (0, 0) if sync["type"] == "simultaneous" else sync["distance"]
            rules += [(first, second, least), (second, first, -most)]
        for _ in range(len(self.stay) + 2):
            moved = False
            for a, b, gap in rules:
                if self.starts[a] + gap > self.starts[b] + 1e-7:
                    self.starts[b] = self.starts[a] + gap
                    moved = True
            if not moved:
                return []
        return ["the routes wait for each other in a circle"]

    def compare(self, solution: dict[str, Any]) -> list[str]:
        """Stated times, where there are any, keep the constraints too."""
        told = {
            (v["patient"], v["service"]): v["start"]
            for route in solution["routes"]
            for v in route["visits"]
            if "start" in v
        }
        if not told:
            return []
        if len(told) != len(self.stay):
            return ["starts are given for some visits only"]
        return [
            *(f"{s}: starts before it opens" for s in told if self._early(s, told)),
            *self._overlaps(told),
            *self._lags(told),
        ]

    def _early(self, stop: Stop, told: dict[Stop, float]) -> bool:
        return bool(told[stop] < self.window[stop[0]][0] - TOLERANCE)

    def _overlaps(self, told: dict[Stop, float]) -> list[str]:
        faults = []
        for route in self.routes.values():
            if route and told[route[0]] < self._road(None, route[0]) - TOLERANCE:
                faults.append(f"{route[0]}: starts before anybody can be there")
            for a, b in pairwise(route):
                if told[b] < told[a] + self.stay[a] + self._road(a, b) - TOLERANCE:
                    faults.append(f"{a} and {b} overlap")
        return faults

    def _lags(self, told: dict[Stop, float]) -> list[str]:
        faults = []
        for patient in self.pairs:
            first, second = ((patient["id"], n["service"]) for n in patient["required_caregivers"])
            sync = patient["synchronization"]
            least, most = (0, 0) if sync["type"] == "simultaneous" else sync["distance"]
            if not least - TOLERANCE <= told[second] - told[first] <= most + TOLERANCE:
                faults.append(f"{patient['id']}: the two services do not fit together in time")
        return faults

    def _road(self, a: Stop | None, b: Stop | None) -> float:
        start = 0 if a is None else self.place[a[0]]
        end = 0 if b is None else self.place[b[0]]
        return float(self.distances[start][end])

    def travelled(self) -> float:
        """Travel of all caregivers, office to office."""
        total = 0.0
        for route in self.routes.values():
            if route:
                stops = [None, *route, None]
                total += sum(self._road(a, b) for a, b in pairwise(stops))
        return total
