"""Starts the embedded PostgreSQL before Django's settings are read; one server per test run.

``SONGBAI_TODAY`` gives the run a day of its own: each file of tests begins at that moment.
"""

import gc
import os
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from songbai.core import clock, embedded
from tests import blank

_home = Path(os.environ.get("SONGBAI_HOME", f"{tempfile.gettempdir()}/songbai-test-{os.getuid()}"))
os.environ.setdefault("SONGBAI_TESTS", str(_home / "tests"))
os.environ.setdefault("SONGBAI_STATIC", str(_home / "static"))
if "DATABASE_URL" not in os.environ:
    os.environ["SONGBAI_HOME"] = str(blank.shared())
    os.environ["DATABASE_URL"] = embedded.start()


def pytest_configure(config: pytest.Config) -> None:
    """Watch the logs of the whole run for identity numbers."""
    from tests import log_watch

    config.pluginmanager.register(log_watch.watch(), "songbai-log-watch")


def pytest_collection_finish() -> None:
    """What was loaded and collected stays: the collector of garbage need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of few tests first, the walk before all: what takes long is not left for the end."""
    count = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.path.name != "test_journey.py", count[item.path]))


#: A day of its own begins anew with the next file of tests when so much of it has passed.
_ENOUGH = timedelta(minutes=4)
_file: pytest.Module | None = None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Keep a day of its own from ending while tests run."""
    global _file
    before, _file = _file, item.getparent(pytest.Module)
    if clock.given_day and _file is not before and clock.now() - clock.given_day > _ENOUGH:
        from tests import template

        clock.begin_at(clock.given_day)
        template.forget()  # what it holds would lie in the future
