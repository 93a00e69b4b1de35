"""Whose record a row speaks of, in a real register."""

from datetime import date

import numpy as np
import pytest

from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import NotAllowed
from songbai.domain.elders.models import Elder
from songbai.domain.matching.actions import decide, merge, offer_rows, undo
from songbai.domain.matching.models import Candidate
from songbai.domain.matching.queries import (
    find_duplicates,
    match_rows,
    survivors,
)
from songbai.domain.matching.rules import Band, Verdict, check_character
from tests.cast import Cast, acting, make_elder

from .conftest import again, row, rows

_BODY = "50019019420506104"
VALID = _BODY + check_character(_BODY)


def with_number(cast: Cast, number: str = VALID) -> Elder:
    """A neighbour of Mrs Wang's name and day, whose number has a right check character."""
    return make_elder("鲜玉碧", 1, id_number=number, phone="13800138000", address="石坝8组12号")


def test_a_row_is_found_by_its_number_however_it_is_typed(cast: Cast) -> None:
    elder = with_number(cast)
    full = "".join(chr(ord(c) + 0xFEE0) for c in VALID)
    found = match_rows(SYSTEM, rows(row(full, name="鲜玉碧")), source="renshe")
    assert (found.elder_id[0], found.band[0]) == (elder.pk, Band.CERTAIN)
    assert np.isinf(found.score[0])


def test_a_number_of_fifteen_places_finds_its_owner(cast: Cast) -> None:
    elder = with_number(cast)
    short = VALID[:6] + VALID[8:17]
    assert match_rows(SYSTEM, rows(row(short, name="鲜玉碧")), source="x").elder_id[0] == elder.pk


def test_a_number_nobody_has_is_somebody_new(cast: Cast) -> None:
    found = match_rows(SYSTEM, rows(row("11010519491231002X")), source="renshe")
    assert (found.elder_id[0], found.band[0], found.offers) == (0, Band.NEW, [])


def test_somebody_elses_number_goes_to_a_clerk(cast: Cast) -> None:
    elder = with_number(cast)
    husband = row(VALID, name="周兴发", sex="m", birth_date=date(1939, 1, 2))
    found = match_rows(SYSTEM, rows(husband), source="village")
    assert found.band[0] == Band.DOUBTFUL
    assert [offer.elder_id for offer in found.offers] == [elder.pk]
    assert found.elder_id[0] == 0


def test_a_mistyped_number_and_the_rest_find_the_person(cast: Cast) -> None:
    elder = with_number(cast)
    wrong = VALID[:10] + str((int(VALID[10]) + 1) % 10) + VALID[11:]
    found = match_rows(SYSTEM, rows(row(wrong, name="鲜玉碧")), source="village")
    assert (found.elder_id[0], found.band[0]) == (elder.pk, Band.CERTAIN)
    assert [(line.field, line.level) for line in found.why[0]][:2] == [
        ("id_number", "near"),
        ("name", "same"),
    ]


def test_a_row_without_a_number_is_joined_when_everything_agrees(cast: Cast) -> None:
    elder = with_number(cast)
    said = row(name="鮮玉碧", phone="138-0013 8000", address="石坝八组12号")
    found = match_rows(SYSTEM, rows(said), source="village")
    assert (found.elder_id[0], found.band[0]) == (elder.pk, Band.CERTAIN)
    levels = {line.field: line.level for line in found.why[0]}
    assert (levels["phone"], levels["address"], levels["name"]) == ("same", "same", "variant")


def test_a_misheard_name_is_offered(cast: Cast) -> None:
    elder = with_number(cast)
    found = match_rows(SYSTEM, rows(row(name="先玉必")), source="village")
    assert found.band[0] == Band.DOUBTFUL
    assert [offer.elder_id for offer in found.offers] == [elder.pk]


def test_several_rows_keep_their_order(cast: Cast) -> None:
    elder = with_number(cast)
    several = rows(
        row("11010519491231002X"), row(VALID, name="鲜玉碧"), row(name="冉崇礼", sex="m")
    )
    found = match_rows(SYSTEM, several, source="renshe")
    assert found.elder_id.tolist() == [0, elder.pk, 0]


def test_no_rows_are_no_trouble(cast: Cast) -> None:
    assert match_rows(SYSTEM, rows(), source="renshe").count(Band.NEW) == 0


def test_an_officer_matches_only_in_the_own_district(cast: Cast) -> None:
    with_number(cast)
    found = match_rows(cast.far_officer, rows(row(VALID, name="鲜玉碧")), source="village")
    assert found.elder_id[0] == 0


def test_the_family_matches_nothing(cast: Cast) -> None:
    with acting(cast.daughter), pytest.raises(NotAllowed):
        match_rows(cast.daughter, rows(row(VALID)), source="village")


def test_a_clerks_decision_is_remembered_when_the_row_comes_again(cast: Cast) -> None:
    elder = with_number(cast)
    said = rows(row(name="先玉必"))
    offer_rows(SYSTEM, said, match_rows(SYSTEM, said, source="village"), source="village")
    with acting(cast.officer):
        decide(cast.officer, Candidate.objects.get(), Verdict.SAME, "看过户口簿")
    found = match_rows(SYSTEM, said, source="village")
    assert (found.elder_id[0], found.band[0]) == (elder.pk, Band.CERTAIN)
    assert match_rows(SYSTEM, said, source="renshe").band[0] == Band.DOUBTFUL


def test_who_was_told_apart_is_not_offered_again(cast: Cast) -> None:
    with_number(cast)
    said = rows(row(name="先玉必"))
    offer_rows(SYSTEM, said, match_rows(SYSTEM, said, source="village"), source="village")
    with acting(cast.officer):
        decide(cast.officer, Candidate.objects.get(), Verdict.DIFFERENT, "是另一位老人")
    assert match_rows(SYSTEM, said, source="village").band[0] == Band.NEW


def test_the_same_person_under_two_numbers_is_doubtful_never_joined(cast: Cast) -> None:
    other = again()
    pairs = find_duplicates(SYSTEM, "500151")
    mine = [p for p in pairs if {p.elder_id, p.other_id} == {cast.mother.pk, other.pk}]
    assert [pair.band for pair in mine] == [Band.DOUBTFUL]
    assert "两个不同的有效身份证号" in [line.words for line in mine[0].why]


def test_duplicates_are_searched_in_ones_own_place_only(cast: Cast) -> None:
    with acting(cast.town_officer), pytest.raises(NotAllowed):
        find_duplicates(cast.town_officer, "500152")


def test_a_chain_of_merges_is_read_to_its_end_and_back(cast: Cast) -> None:
    two, three = again(77), again(78)
    first = merge(SYSTEM, cast.mother, two, reason="同一个人", score=1.0, why=[])
    merge(SYSTEM, first.survivor, three, reason="同一个人", score=1.0, why=[])
    everybody = [cast.mother.pk, two.pk, three.pk]
    root = set(survivors(everybody).values())
    assert root == {cast.mother.pk}
    kept = Elder.objects.filter(pk__in=everybody, merged_into=None)
    assert list(kept) == [cast.mother]
    undo(SYSTEM, first.pk, "不是同一人")
    assert survivors([two.pk]) == {two.pk: two.pk}
    assert survivors([three.pk]) == {three.pk: cast.mother.pk}
