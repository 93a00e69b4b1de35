"""One build: its plan, who hears of it, and the sessions it runs in."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Protocol

from django.db import connection

from songbai.cli.demo import tables
from songbai.cli.demo.district import Plan


class Report(Protocol):
    """Hears how far the build is."""

    def begin(self, name: str, total: int | None = None) -> None:
        """A stage begins; ``total`` is how many steps it has."""

    def advance(self, steps: int) -> None:
        """Some steps of the stage are done."""

    def end(self, seconds: float, rows: int | None) -> None:
        """The stage is done."""


class Silence:
    """A report nobody reads."""

    def begin(self, name: str, total: int | None = None) -> None:
        """Nothing."""

    def advance(self, steps: int) -> None:
        """Nothing."""

    def end(self, seconds: float, rows: int | None) -> None:
        """Nothing."""


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
    numbers: tables.Numbers = field(default_factory=tables.Numbers)

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
    """Do not wait for the disk at each commit: a build that is lost is built again."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = on")


@contextlib.contextmanager
def unchecked() -> Iterator[None]:
    """Where we may, skip checking foreign keys row by row; a test builds with the checks on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
        may = cursor.fetchone()[0]
        if may:
            cursor.execute("SET LOCAL session_replication_role = replica")
    yield
    if may:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = origin")
