"""Starts the embedded PostgreSQL before Django's settings are read; one server per test run."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from songbai.core import record
from tests import blank

_home = Path(os.environ.get("SONGBAI_HOME", f"{tempfile.gettempdir()}/songbai-test-{os.getuid()}"))
os.environ.setdefault("SONGBAI_TESTS", str(_home / "tests"))
os.environ.setdefault("SONGBAI_STATIC", str(_home / "static"))
if "DATABASE_URL" not in os.environ:
    os.environ["SONGBAI_HOME"] = str(blank.shared())
    os.environ["DATABASE_URL"] = record.start_embedded()


def pytest_configure(config: pytest.Config) -> None:
    """Watch the logs of the whole run for identity numbers."""
    from tests import log_watch

    config.pluginmanager.register(log_watch.watch(), "songbai-log-watch")
