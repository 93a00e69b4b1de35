"""Stages of a long command on the terminal: a bar while one runs, its seconds when it is done."""

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from songbai.cli.demo.site import Report


class ConsoleReport(Report):
    """Shows one stage after another."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.name = ""
        self.bar: Progress | None = None
        self.task = TaskID(0)

    def begin(self, name: str, total: int | None = None) -> None:
        """Show the bar of a stage; without ``total`` it only moves."""
        self.name = name
        self.bar = Progress(
            TextColumn("  {task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
        )
        self.task = self.bar.add_task(name, total=total)
        if self.console.is_terminal:
            self.bar.start()

    def advance(self, steps: int) -> None:
        """Move the bar."""
        if self.bar is not None:
            self.bar.advance(self.task, steps)

    def end(self, seconds: float, rows: int | None) -> None:
        """Replace the bar by one line."""
        if self.bar is not None:
            self.bar.stop()
        counted = f"{rows:,} 行" if rows else ""
        self.console.print(f"[green]✓[/] {self.name}  {seconds:.1f} 秒  {counted}")
