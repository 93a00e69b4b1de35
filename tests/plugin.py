"""Starts the embedded PostgreSQL before Django's settings are read; one server per test run."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

_home = Path(tempfile.gettempdir()) / f"songbai-test-{os.getuid()}"
_home.mkdir(exist_ok=True)
os.environ.setdefault("SONGBAI_HOME", str(_home))

if "DATABASE_URL" not in os.environ:
    from songbai.core import record

    os.environ["DATABASE_URL"] = record.start_embedded()


def pytest_configure(config: pytest.Config) -> None:
    """Watch the logs of the whole run for identity numbers."""
    from tests import log_watch

    config.pluginmanager.register(log_watch.watch(), "songbai-log-watch")
