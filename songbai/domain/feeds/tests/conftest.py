"""The cast, with identity numbers a department could send."""

import pytest

from tests.cast import Cast

from .deliveries import MOTHER, NEIGHBOUR, number


@pytest.fixture
def cast(cast: Cast) -> Cast:
    """Mrs Wang and her neighbour have valid numbers."""
    number(cast.mother, MOTHER)
    number(cast.neighbour, NEIGHBOUR)
    return cast
