"""Stages of a long command on the terminal: a bar while one runs, its seconds when it is done."""

import time
from collections.abc import Callable
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

T = TypeVar("T")


class Report:
    """Shows one stage after another, and counts their seconds; without a console it only counts."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(quiet=True)
        self.seconds: dict[str, float] = {}
        self.bar, self.task = Progress(disable=True), TaskID(0)

    def stage(self, name: str, work: Callable[[], T], total: int | None = None) -> T:
        """Do one stage of so many steps; a number that comes of it is how many rows it wrote."""
        columns = (TextColumn("  {task.description}"), BarColumn(), TimeElapsedColumn())
        hidden = not self.console.is_terminal
        with Progress(*columns, console=self.console, transient=True, disable=hidden) as self.bar:
            self.task = self.bar.add_task(name, total=total)
            began = time.monotonic()
            found = work()
        took = time.monotonic() - began
        self.seconds[name] = self.seconds.get(name, 0.0) + took
        counted = f"{found:,} 行" if isinstance(found, int) and found else ""
        self.console.print(f"[green]✓[/] {name}  {took:.1f} 秒  {counted}")
        return found

    def advance(self, steps: int) -> None:
        """Some steps of the stage are done: the bar moves."""
        self.bar.advance(self.task, steps)
