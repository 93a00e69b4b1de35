"""One build: its plan, who hears of it, and the sessions it runs in."""

import contextlib
import gc
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field

from songbai.cli.demo.district import Plan
from songbai.core.loading import Load
from songbai.core.sql import run


class Report:
    """Hears how far the build is; this one says nothing."""

    def begin(self, name: str, total: int | None = None) -> None:
        """A stage begins; ``total`` is how many steps it has."""

    def advance(self, steps: int) -> None:
        """Some steps of the stage are done."""

    def end(self, seconds: float, rows: int | None) -> None:
        """The stage is done."""


@dataclass
class Summary:
    """What was built, and the seconds of each stage."""

    districts: list[str]
    seed: int
    days: int
    elders: int = 0
    orders: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass
class Site:
    """One build."""

    plan: Plan
    report: Report
    summary: Summary
    executor: Executor
    load: Load = field(default_factory=Load)

    def stage(self, name: str, act: Callable[[], object], total: int | None = None) -> None:
        """Do one stage, timed."""
        self.report.begin(name, total)
        began = time.perf_counter()
        told = act()
        rows = told if isinstance(told, int) else None
        took = time.perf_counter() - began
        self.summary.seconds[name] = self.summary.seconds.get(name, 0.0) + took
        self.report.end(took, rows)


@contextlib.contextmanager
def fast_session() -> Iterator[None]:
    """Do not wait for the disk at each commit: a build that is lost is built again.

    Nor are millions of waiting rows looked through for circles again and again.
    """
    gc.disable()
    run("SET synchronous_commit = off")
    try:
        yield
    finally:
        gc.enable()
        run("SET synchronous_commit = on")
