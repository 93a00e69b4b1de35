"""Two sheets side by side, one result, a signature."""

from songbai.domain.assessments.models import Assessment, Signature
from songbai.domain.assessments.queries import answers_of
from songbai.domain.assessments.rules.process import State
from songbai.domain.assessments.tests.forms import best
from songbai.domain.assessments.tests.scene import NOTHING_TO_REPORT, Scene, filled, signed, team
from tests.doors import signed_in


def apart(scene: Scene) -> Assessment:
    one = {**best(), **NOTHING_TO_REPORT}
    return filled(scene, None, one, {**one, "B.1.1": 2, "A.2.14": {"跌倒": 2}})


def test_differences_are_shown_with_who_found_what_and_settled(scene: Scene) -> None:
    found = apart(scene)
    [(actor, first), (_, second)] = team(scene, found)
    phone, url = signed_in(actor), f"/assessor/assessments/{found.pk}/agree/"
    page = phone.get(url).content.decode()
    assert "跌倒 2 次" in page
    assert page.count(f"<em>{first.name}</em>") == page.count(f"<em>{second.name}</em>") == 2
    half = phone.post(url, {"B.1.1": "2"})
    assert half.status_code == 409
    assert "还没有商定" in half.content.decode()
    assert 'value="2" checked' in half.content.decode()
    assert phone.post(url, {"B.1.1": "2", "A.2.14": "1"}).status_code == 302
    found.refresh_from_db()
    assert found.state == State.RECONCILED
    agreed = answers_of(found)
    assert (agreed["B.1.1"], agreed["A.2.14"]) == (2, {"跌倒": 2})


def test_what_was_not_offered_cannot_be_agreed_on(scene: Scene) -> None:
    found = apart(scene)
    phone = signed_in(team(scene, found)[0][0])
    url = f"/assessor/assessments/{found.pk}/agree/"
    for wrong in ("9", "-1", "x", "²"):
        assert phone.post(url, {"B.1.1": wrong, "A.2.14": "1"}).status_code == 409
    found.refresh_from_db()
    assert found.state == State.DONE


def test_the_information_provider_signs_after_seeing_the_result(scene: Scene) -> None:
    found = filled(scene)
    phone = signed_in(team(scene, found)[0][0])
    base = f"/assessor/assessments/{found.pk}/"
    assert "还没有商定结果" in phone.get(f"{base}sign/").content.decode()
    assert phone.post(f"{base}agree/").status_code == 302
    assert "90 / 90 分" in phone.get(f"{base}sign/").content.decode()
    nameless = phone.post(f"{base}sign/", {"name": "", "relation": "子女", "mark": "M1 2L3 4"})
    assert (nameless.status_code, "M1 2L3 4" in nameless.content.decode()) == (409, True)
    good = {"name": "王敏", "relation": "子女", "mark": "M1 2L3 4"}
    assert phone.post(f"{base}sign/", good).status_code == 302
    assert Signature.objects.get(kind="information_provider").mark == "M1 2L3 4"
    assert phone.post(f"{base}sign/", good).status_code == 409


def test_a_stranger_finds_neither_page(scene: Scene) -> None:
    found = signed(scene)
    other = scene.actors[1 if found.body_id == scene.bodies[0].pk else 0][0]
    phone = signed_in(other)
    for what in ("", "agree/", "sign/"):
        assert phone.get(f"/assessor/assessments/{found.pk}/{what}").status_code == 404
    for what in ("agree/", "sign/", "stop/", "go-on/", "book/"):
        assert phone.post(f"/assessor/assessments/{found.pk}/{what}").status_code == 404
