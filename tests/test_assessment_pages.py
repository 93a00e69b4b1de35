"""Assessment pages of the office and the family in a real browser; two sizes, with axe."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .browser import Person, chromium, visitor
from .stage import Stage

pytestmark = pytest.mark.slow
#: Where pictures go when somebody wants to look at them.
PICTURES = os.environ.get("SONGBAI_ASSESSMENT_PICTURES", "")
#: A disputed result, an open request and two bodies; then sessions of the officer and the daughter.
SCENE = """
import django
django.setup()
import sys
sys.path.insert(0, ".")
from datetime import timedelta
from django.test import Client
from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.queries import actors_of
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.assessments import actions
from songbai.domain.assessments.actions import NewRequest
from songbai.domain.assessments.models import Assessment, Assessor
from songbai.domain.assessments.rules.process import Channel
from songbai.domain.assessments.tests.forms import GBT, LTCI, best
from songbai.domain.assessments.tests.scene import *
from songbai.domain.elders.models import Elder
from types import SimpleNamespace
import itertools
import uuid
import tests.cast
tests.cast._phones = itertools.count(12_950_000_000)  # the cast's own numbers are taken

def actor(name):
    return actors_of(Account.objects.get(name=name))[0]

people = SimpleNamespace(mother=Elder.objects.get(name="王桂英"), daughter=actor("王敏"),
                         officer=actor("刘局"))
scene = make_scene(people)
Assessor.objects.filter(pk=scene.assessors[1][1].pk).update(certificate_until=clock.today())
one = {**best(), **NOTHING_TO_REPORT, "A.4.1": ["F00"]}
ill = {**one, **dict.fromkeys(("B.1.1", "B.1.2", "B.2.1"), 1)}
other = {"B.1.3": 2}
done = filled(scene, None, ill, {**ill, **other})
found = concluded(scene, signed(scene, done, **other))
Assessment.objects.filter(pk=found.pk).update(due_on=clock.today() - timedelta(days=40),
                                              due_why="risk_events")
near = Elder.objects.get(name="李松福")
new = NewRequest(near, GBT.code, Channel.VILLAGE, uuid.uuid4())
again = actions.assign(SYSTEM, actions.request(SYSTEM, new).pk, scene.bodies[1].pk)
concluded(scene, signed(scene, filled(scene, booked(scene, again), ill, ill)))
asked(people, instrument=LTCI.code, gate=GATE)
for name in ("刘局", "王敏"):
    client = Client()
    client.force_login(Account.objects.get(name=name),
                       backend="songbai.core.accounts.backends.PasswordBackend")
    print("SESSION " + client.cookies["songbai-session"].value)
print("IDS", found.pk, people.mother.pk, scene.bodies[1].pk)
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An installation with the cast and a web server."""
    found = Stage(Path(tmp_path_factory.mktemp("assessments")))
    try:
        found.start_database()
        found.set_up()
        found.run("-m", "songbai.cli.main", "assets")
        found.start_web()
        yield found
    finally:
        found.close()


@pytest.fixture(scope="module")
def told(stage: Stage) -> tuple[list[str], list[str]]:
    """Sessions of the officer and the daughter; numbers of the result, the elder and a body."""
    text = stage.run("-c", SCENE)
    lines = [line.split()[1:] for line in text.splitlines() if line.startswith(("SESSION", "IDS"))]
    return [lines[0][0], lines[1][0]], lines[2]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the module."""
    with chromium() as started:
        yield started


def opened(stage: Stage, browser: Browser, size: str, session: str) -> Person:
    """Somebody signed in."""
    found = visitor(stage, browser, size)
    found.context.add_cookies([{"name": "songbai-session", "value": session, "url": stage.url}])
    return found


def look(who: Person, path: str, name: str) -> None:
    """Open, axe, and a picture."""
    page = who.go(path)
    who.look()
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_office_pages_are_for_everybody(
    stage: Stage, browser: Browser, told: tuple[list[str], list[str]], size: str
) -> None:
    (session, _), (result, elder, body) = told
    who = opened(stage, browser, size, session)
    for name, path in {
        "lists": "/bureau/assessments/?show=told",
        "assign": "/bureau/assessments/",
        "due": "/bureau/assessments/due/",
        "one": f"/bureau/assessments/{result}/",
        "ask": f"/bureau/elders/{elder}/assessments/?instrument=ltci-2021",
        "bodies": "/bureau/bodies/",
        "body": f"/bureau/bodies/{body}/",
        "quality": "/bureau/assessments/quality/",
    }.items():
        look(who, path, f"{name}-{size}")
    who.context.close()


def test_the_family_pages_are_for_everybody(
    stage: Stage, browser: Browser, told: tuple[list[str], list[str]]
) -> None:
    (_, session), (result, elder, _) = told
    who = opened(stage, browser, "phone", session)
    for name, path in {
        "family-list": f"/family/elders/{elder}/assessments/",
        "family-gate": f"/family/elders/{elder}/assessments/new/?instrument=ltci-2021",
        "family-result": f"/family/assessments/{result}/",
    }.items():
        look(who, path, name)
    letter = who.context.request.get(f"{stage.url}/family/assessments/{result}/letter/")
    assert letter.body().startswith(b"%PDF")
    if PICTURES:
        (Path(PICTURES) / "letter.pdf").write_bytes(letter.body())
    who.context.close()
