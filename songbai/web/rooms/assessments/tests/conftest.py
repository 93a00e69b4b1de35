"""Assessors and the manager of their body, signed in, with a visit booked for tomorrow."""

import pytest

from songbai.domain.assessments.tests.scene import Scene, make_scene
from tests.cast import Cast


@pytest.fixture
def scene(cast: Cast) -> Scene:
    """Two bodies with two assessors each."""
    return make_scene(cast)
