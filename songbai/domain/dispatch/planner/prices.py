"""The prices and limits of a plan, from ``catalogues/dispatch_weights.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from songbai.core import yaml_file
from songbai.domain.dispatch.solver.day.problem import BadProblem, Break, Weights

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
    """The file, read and checked. Raises BadProblem as ``parse``."""
    return parse(yaml_file.read(FILE))


def parse(raw: Mapping[str, Any]) -> House:
    """Prices and limits. Raises BadProblem for an unknown name, a price or limit below zero, and a
    rest whose window is the wrong way round.
    """
    limits = raw["limits"]
    rest = Break(limits["rest_earliest"], limits["rest_latest"], limits["rest_minutes"])
    if rest.latest < rest.earliest:
        raise BadProblem("the rest's window is the wrong way round")
    if below := [name for name, limit in limits.items() if limit < 0]:
        raise BadProblem(f"limit {below[0]}: below zero")
    return House(
        Weights.read(raw["weights"]), int(limits["most_overtime"]), int(limits["rest_after"]), rest
    )
