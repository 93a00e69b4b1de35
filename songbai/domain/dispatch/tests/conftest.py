"""The planner with its kernels, compiled once for the run."""

import pytest

from songbai.domain.dispatch.planner import engine


@pytest.fixture(scope="session", autouse=True)
def kernels() -> None:
    """Wait for the kernels, so that no test waits for them in its own time."""
    assert engine.ready(300)
