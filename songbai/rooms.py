"""The rooms of the house, in order. Settings, import rules, doors, demo and tests follow from here.

A new room is one name in ``ROOMS``; everything else about it stands in its own folders.
"""

#: Ground floor: rooms with tables that know nothing of elder care.
GROUND = ("regions", "accounts", "events", "audit", "ledger", "approvals", "files", "exports",
          "retention")  # fmt: skip

#: First floor, in the order care flows: a room imports only from rooms before it.
ROOMS = ("elders", "matching", "assessments", "benefits", "providers", "feeds", "rosters",
         "catalogue", "orders", "careplans", "dispatch", "visits")  # fmt: skip


def packages() -> list[str]:
    """Every room as a Python package, the ground floor first."""
    return [f"songbai.core.{room}" for room in GROUND] + [
        f"songbai.domain.{room}" for room in ROOMS
    ]
