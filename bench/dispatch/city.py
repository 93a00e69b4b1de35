"""A day larger than any published one: 1,000 patients, 1,300 services, 140 caregivers."""

import random
from typing import Any

SERVICES = [f"s{i}" for i in range(1, 7)]


def city(seed: int = 1, patients: int = 1000, pairs: int = 300, crew: int = 140) -> dict[str, Any]:
    """A random instance in the manner of Mankowska: two skill groups, windows of two hours."""
    draw = random.Random(seed)
    at = [(draw.uniform(0, 100), draw.uniform(0, 100)) for _ in range(patients + 1)]
    road = [[round(((a - c) ** 2 + (b - d) ** 2) ** 0.5, 3) for c, d in at] for a, b in at]
    caregivers = [
        {
            "id": f"c{i}",
            "abilities": draw.sample(SERVICES[:3] if i % 2 else SERVICES[3:], draw.randint(1, 3)),
        }
        for i in range(crew)
    ]
    rows = []
    for i in range(patients):
        opens = draw.randrange(0, 480)
        first, second = draw.choice(SERVICES[:3]), draw.choice(SERVICES[3:])
        needs = [{"service": first if draw.random() < 0.5 else second, "duration": 16}]
        row: dict[str, Any] = {"id": f"p{i}", "time_window": [opens, opens + 120]}
        if i < pairs:
            needs = [{"service": first, "duration": 16}, {"service": second, "duration": 16}]
            row["synchronization"] = {"type": "simultaneous"}
            if i % 2:
                least = draw.randrange(0, 60)
                row["synchronization"] = {"type": "sequential", "distance": [least, least + 60]}
        rows.append({**row, "required_caregivers": needs})
    return {
        "patients": rows,
        "caregivers": caregivers,
        "services": [{"id": s, "default_duration": 16} for s in SERVICES],
        "distances": road,
    }
