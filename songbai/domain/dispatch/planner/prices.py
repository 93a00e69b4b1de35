"""The prices and limits of a plan, from ``catalogues/dispatch_weights.yaml``."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from songbai.core import yaml_file
from songbai.domain.dispatch.solver.day.problem import Break, Weights

FILE = Path(__file__).resolve().parents[4] / "catalogues" / "dispatch_weights.yaml"


@dataclass(frozen=True)
class House:
    """What a plan wishes for, and what it keeps to.

    Attributes:
        most_overtime: paid minutes after a shift, at most.
        rest_after: a shift longer than these minutes has a rest.
        rest: its window and length.
    """

    weights: Weights
    most_overtime: int
    rest_after: int
    rest: Break


@cache
def house() -> House:
    """The file, read and checked; BadProblem for an unknown name."""
    raw = yaml_file.read(FILE)
    limits = raw["limits"]
    return House(
        Weights.read(raw["weights"]),
        int(limits["most_overtime"]),
        int(limits["rest_after"]),
        Break(limits["rest_earliest"], limits["rest_latest"], limits["rest_minutes"]),
    )
