"""After the whole run: nothing that was logged, printed or written by the server names anybody.

Looks at what tests printed and logged (captured output, so the order of handlers does not matter)
and at the log of the database server; a plain identity number anywhere fails the run.
"""

from pathlib import Path

import pytest

from songbai.core import record
from songbai.core.logs import LONG, mask

#: What counts as a log among the captured output of a test.
SECTIONS = ("Captured log", "Captured stderr", "Captured stdout")


class LogWatch:
    """Collects plain identity numbers seen in logs during a run."""

    def __init__(self, server_log: Path) -> None:
        self.server_log = server_log
        self.start = server_log.stat().st_size if server_log.exists() else 0
        self.found: list[str] = []

    def look(self, where: str, text: str) -> None:
        """Remember lines with an identity number, masked."""
        self.found += [f"{where}: {mask(line)[:200]}" for line in text.splitlines() if names(line)]

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look at what one phase of a test put out."""
        for title, text in report.sections:
            if title.startswith(SECTIONS):
                self.look(f"{report.nodeid} {title}", text)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Look at the server's log, and fail the run when anything was found."""
        if hasattr(session.config, "workerinput"):
            return
        if self.server_log.exists():
            with self.server_log.open(encoding="utf-8", errors="replace") as log:
                log.seek(self.start)
                self.look("PostgreSQL log", log.read())
        if self.found and session.exitstatus in {0, pytest.ExitCode.OK}:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where."""
        if self.found:
            terminalreporter.section("identity numbers in logs", red=True)
            for line in self.found[:50]:
                terminalreporter.write_line(line)


def names(text: str) -> bool:
    """Whether a text holds what looks like an 18-digit identity number."""
    return LONG.search(text) is not None


def watch() -> LogWatch:
    """A watch over the logs of this run's home."""
    return LogWatch(record.home() / "postgres" / "log")
