"""One build: its plan, who hears of it, and the sessions it runs in."""

import contextlib
import gc
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field

from songbai.cli.demo.district import Plan
from songbai.cli.progress import Report
from songbai.core.loading import Load
from songbai.core.sql import run


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
        self.report.stage(name, act, total)


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
