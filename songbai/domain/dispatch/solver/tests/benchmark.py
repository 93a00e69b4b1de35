"""Random benchmark days for the tests."""

import random
from typing import Any

SERVICES = ("s1", "s2", "s3")


def random_day(seed: int, patients: int, caregivers: int) -> dict[str, Any]:
    """A decoded instance file; everybody is asked for something somebody can do."""
    draw = random.Random(seed)
    points = [(draw.uniform(0, 60), draw.uniform(0, 60)) for _ in range(patients + 1)]
    road = [[round(((a - c) ** 2 + (b - d) ** 2) ** 0.5, 3) for c, d in points] for a, b in points]
    crew = [
        {"id": f"c{i}", "abilities": sorted({SERVICES[i % 3], draw.choice(SERVICES)})}
        for i in range(max(6, caregivers))
    ]
    return {
        "patients": [_patient(draw, i) for i in range(patients)],
        "caregivers": crew,
        "services": [{"id": s, "default_duration": 15} for s in SERVICES],
        "distances": road,
    }


def _patient(draw: random.Random, number: int) -> dict[str, Any]:
    opens = draw.randrange(0, 400)
    kind = draw.choice(("single", "single", "simultaneous", "sequential"))
    first, second = draw.sample(SERVICES, 2)
    patient: dict[str, Any] = {
        "id": f"p{number}",
        "time_window": [opens, opens + draw.choice((0, 30, 120))],
        "required_caregivers": [{"service": first, "duration": draw.randrange(1, 40)}],
    }
    if kind != "single":
        patient["required_caregivers"].append({"service": second})
        patient["synchronization"] = {"type": kind}
    if kind == "sequential":
        least = draw.randrange(0, 40)
        patient["synchronization"]["distance"] = [least, least + draw.randrange(0, 60)]
    return patient
