"""Assessors and the manager of their body, signed in, with a visit booked for tomorrow."""

from __future__ import annotations

import pytest
from django.test import Client

from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import Actor
from songbai.domain.assessments.tests.scene import Scene, make_scene
from tests.cast import Cast

BACKEND = "songbai.core.accounts.backends.PasswordBackend"


@pytest.fixture
def scene(cast: Cast) -> Scene:
    """Two bodies with two assessors each."""
    return make_scene(cast)


def signed_in(actor: Actor) -> Client:
    """A browser of this person."""
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account), backend=BACKEND)
    return client
