"""Fixtures for every test of the project."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest

from songbai.core import scope
from songbai.core.regions.queries import forget
from tests.cast import Cast
from tests.template import cast_of_today

hypothesis.settings.register_profile("house", deadline=None, max_examples=60, database=None)
hypothesis.settings.load_profile("house")


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    """The cast, in the database anew for each test."""
    forget()
    yield cast_of_today()
    scope.release()
    forget()
