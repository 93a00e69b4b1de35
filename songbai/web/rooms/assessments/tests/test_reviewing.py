"""An assessor of another body looks at what was drawn, and says so."""

import pytest
from django.test import Client

from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.audit.models import Read
from songbai.domain.assessments import actions
from songbai.domain.assessments.actions import reviewing
from songbai.domain.assessments.models import Assessment, Review
from songbai.domain.assessments.tests.scene import Scene, signed
from tests.doors import signed_in


@pytest.fixture
def drawn(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Assessment:
    """A signed assessment that fell into the sample."""
    monkeypatch.setattr("songbai.domain.assessments.actions.deciding.drawn", lambda *_: True)
    return actions.advance(SYSTEM, signed(scene).pk)


@pytest.fixture
def reviewer(scene: Scene, drawn: Assessment) -> Actor:
    """Who was asked: somebody of the other body."""
    asked = Review.objects.get(assessment=drawn)
    assert asked.body_id != drawn.body_id
    everybody = {actor.account: actor for pair in scene.actors for actor in pair}
    assert asked.assessor
    return everybody[asked.assessor.account_id or 0]


@pytest.fixture
def client(reviewer: Actor) -> Client:
    return signed_in(reviewer)


def address(found: Assessment) -> str:
    return f"/assessor/reviews/{Review.objects.get(assessment=found).pk}/"


def page(client: Client, found: Assessment, **sent: object) -> tuple[int, str]:
    url = address(found)
    reply = client.post(url, sent, follow=True) if sent else client.get(url)
    return reply.status_code, reply.content.decode()


def test_it_waits_on_the_list_with_a_masked_name(client: Client, drawn: Assessment) -> None:
    day = client.get("/assessor/").content.decode()
    assert "请您复核 1 件" in day
    code, text = page(client, drawn)
    assert (code, "王*英" in text, "王桂英" in text) == (200, True, False)
    assert "能力完好" in text
    assert Read.objects.filter(where=address(drawn)).exists()


def test_agreeing_lets_the_result_stand(client: Client, drawn: Assessment) -> None:
    code, text = page(client, drawn, agrees="1")
    assert (code, "同意这个结果" in text) == (200, True)
    drawn.refresh_from_db()
    assert drawn.state == "noticed"
    assert page(client, drawn)[0] == 404


def test_a_doubt_needs_items_and_a_reason(client: Client, drawn: Assessment) -> None:
    code, text = page(client, drawn, agrees="0", doubted="B.1.1", note="不")
    assert (code, "写明理由" in text, 'value="B.1.1" checked' in text) == (409, True, True)
    code, text = page(client, drawn, agrees="0", doubted=["B.1.1"], note="吃饭要喂，录像里看得出")
    assert (code, "退回两位评估员重评" in text) == (200, True)
    drawn.refresh_from_db()
    assert drawn.state == "under_way"


def test_an_empty_press_changes_nothing(client: Client, drawn: Assessment) -> None:
    assert page(client, drawn, agrees="maybe")[0] == 409
    drawn.refresh_from_db()
    assert drawn.state == "in_review"


def test_who_assessed_does_not_review(scene: Scene, drawn: Assessment) -> None:
    own = {
        pair[0].body_id: actors for pair, actors in zip(scene.assessors, scene.actors, strict=True)
    }
    first = signed_in(own[drawn.body_id or 0][0])
    assert page(first, drawn)[0] == 404


def test_somebody_else_takes_over(scene: Scene, drawn: Assessment, reviewer: Actor) -> None:
    actions.change_reviewer(SYSTEM, drawn.pk)
    asked = Review.objects.get(assessment=drawn)
    assert asked.assessor
    assert asked.assessor.account_id != reviewer.account
    assert page(signed_in(reviewer), drawn)[0] == 404
    other = {actor.account: actor for pair in scene.actors for actor in pair}
    assert page(signed_in(other[asked.assessor.account_id or 0]), drawn)[0] == 200


def test_without_anybody_else_it_is_said(scene: Scene, drawn: Assessment) -> None:
    asked = Review.objects.get(assessment=drawn)
    for pair in scene.assessors:
        for one in pair:
            if one.pk != asked.assessor_id:
                actions.let_go(SYSTEM, one)
    with pytest.raises(reviewing.NoReviewer):
        actions.change_reviewer(SYSTEM, drawn.pk)


def test_reviews_are_shared_out(scene: Scene, drawn: Assessment) -> None:
    asked = Review.objects.get(assessment=drawn)
    first = next(reviewing.reviewers(drawn))
    assert first.body_id == asked.body_id
    assert first.pk != asked.assessor_id
