"""Fixtures for every test of the project."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from songbai.core import scope
from songbai.core.regions.queries import forget
from tests.cast import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    """The cast, made anew for each test."""
    forget()
    yield make_cast()
    scope.release()
    forget()
