"""The planner with its kernels, compiled once for the run."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def _kernels(kernels: None) -> None:
    """Every test here plans."""
