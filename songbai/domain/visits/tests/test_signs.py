"""Who is said to be dead and shows signs of life is for a person to look at."""

from datetime import timedelta

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.elders.actions.facts import NewFact, record_facts, withdraw
from songbai.domain.elders.actions.turning import look_for_signs
from songbai.domain.elders.models import Elder, Followed
from songbai.domain.elders.queries.withdrawn import to_see_to
from songbai.domain.visits.models import Visit
from tests.acts import served
from tests.cast import Cast, acting


def said(elder: Elder, kind: str, value: str, source: str, **more: object) -> None:
    record_facts(SYSTEM, elder, [NewFact(kind, value, **more)], source=source)  # type: ignore[arg-type]


def waiting(cast: Cast) -> list[str]:
    with acting(cast.officer):
        return [row.words for row in to_see_to(cast.officer)]


def test_signs_of_life_after_a_death_wait_for_a_person(cast: Cast) -> None:
    today = clock.today()
    died, after = today - timedelta(days=20), today - timedelta(days=3)
    said(cast.mother, "survival", str(died - timedelta(days=9)), "renshe")
    said(cast.neighbour, "survival", str(after), "renshe")
    said(cast.mother, "death", str(died), "gongan")
    assert look_for_signs(SYSTEM) == 0
    said(cast.mother, "survival", str(after), "renshe")
    said(cast.mother, "hospital_stay", "铜梁演示人民医院", "yibao", valid_from=after)
    assert look_for_signs(SYSTEM) == 2
    assert look_for_signs(SYSTEM) == 0
    first, second = waiting(cast)
    assert f"{died.month} 月 {died.day} 日去世" in first
    assert first.endswith(f"{after.month} 月 {after.day} 日人社做了生存认证")
    assert second.endswith("医保登记住院")
    withdraw(SYSTEM, cast.mother, "death", "gongan", "", reason="公安核实，人还在")
    look_for_signs(SYSTEM)
    assert waiting(cast) == []
    assert set(Followed.objects.values_list("note", flat=True)) == {"去世登记撤回了"}


def test_a_code_met_at_the_door_is_a_sign(cast: Cast) -> None:
    served(cast)
    visit = Visit.objects.get()
    day = visit.in_at.astimezone(clock.SHANGHAI).date()
    Elder.objects.filter(pk=cast.mother.pk).update(died_on=day)
    assert look_for_signs(SYSTEM) == 0
    Elder.objects.filter(pk=cast.mother.pk).update(died_on=day - timedelta(days=1))
    assert look_for_signs(SYSTEM) == 1
    assert "对上了门口的码" in waiting(cast)[0]
