"""How a month came about: facts, the cycle's steps together, objections, who was told."""

import uuid

import pytest

from songbai.domain.benefits import actions
from songbai.domain.benefits.queries.explain import explain
from songbai.domain.benefits.queries.objections import notices_given, of_elder
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.objection import Ground
from songbai.domain.benefits.tests.cycles import run_month, tongliang_people
from songbai.web.rooms.benefits.trail import trail_of
from songbai.web.words import Moment
from tests.cast import Cast, acting

OCTOBER = Month("2026-10")


def trail(cast: Cast) -> list[Moment]:
    officer, mother = cast.officer, cast.mother
    with acting(officer):
        told = explain(officer, mother, OCTOBER, purpose="核对", where="/test/")
        return trail_of(told, of_elder(officer, mother.pk), notices_given(officer, mother.pk))


@pytest.mark.django_db(transaction=True)
def test_facts_and_steps_of_the_cycles_are_named(cast: Cast) -> None:
    tongliang_people(cast)
    run_month("2026-10")
    words = [step.words for step in trail(cast)]
    assert "公安报：户籍：铜梁区巴川街道东方社区居民委员会" in words
    assert any("项待遇已核定" in one for one in words)
    assert not any("不一样" in one for one in words)


def test_what_people_did_is_named_newest_first(cast: Cast) -> None:
    new = actions.NewObjection(uuid.uuid4(), "longevity-tongliang", OCTOBER, Ground.AMOUNT)
    with acting(cast.daughter):
        one = actions.raise_objection(cast.daughter, cast.mother, new, where="/test/")
    with acting(cast.officer):
        actions.take(cast.officer, one.pk)
        actions.answer(cast.officer, one.pk, "核对过，没有错", where="/test/")
        given = actions.GivenNotice(uuid.uuid4(), OCTOBER, "home", "本人")
        actions.note_given(cast.officer, cast.mother, given)
    found = trail(cast)
    assert [step.words for step in found[:3]] == [
        "刘局上门当面告诉了本人",
        "刘局答复异议：重新核对，结果不变",
        "家属手机提异议：钱数不对",
    ]
    assert [step.state for step in found[:3]] == ["done", "done", "now"]
