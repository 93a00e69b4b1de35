"""Deciding, merging and taking back, each by one person in one place."""

import threading
from typing import Any

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction

from songbai.core.accounts.rules import SYSTEM
from songbai.core.crypto import decrypt
from songbai.core.errors import NotAllowed, NotFound
from songbai.core.events.models import Event
from songbai.core.reasons import ReasonMissing
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.actions.registration import recount
from songbai.domain.elders.models import Elder, Fact, Followed, FollowedState
from songbai.domain.elders.queries import get, search, survivor_of, visible
from songbai.domain.elders.queries.facts import view_of
from songbai.domain.elders.queries.facts.sets import wide_sql
from songbai.domain.elders.queries.figures import heads
from songbai.domain.elders.queries.finding import by_id_number
from songbai.domain.matching.actions import (
    AlreadyMerged,
    AlreadyUndone,
    NotOpen,
    decide,
    merge,
    offer_rows,
    reopen,
    search_duplicates,
    settle,
    undo,
)
from songbai.domain.matching.models import Candidate, Decision, Merge, Undo
from songbai.domain.matching.queries import candidate, match_rows, open_candidates, survivors
from songbai.domain.matching.rules import Verdict
from tests.cast import Cast, acting, make_elder

from .conftest import again, row, rows


@pytest.fixture
def pair(cast: Cast) -> Candidate:
    """Mrs Wang and somebody of her name and birth date, waiting for a decision."""
    again()
    search_duplicates(SYSTEM, "500151001")
    return Candidate.objects.get(elder=cast.mother)


def _other(pair: Candidate) -> Elder:
    assert pair.other is not None
    return pair.other


def _everything(cast: Cast) -> list[Any]:
    """The two records as they are stored, but for what they are read as."""
    stored = Elder.objects.filter(name="王桂英").order_by("id").values()
    return [{**row, "merged_into_id": None} for row in stored]


def test_a_search_lists_a_pair_once(cast: Cast, pair: Candidate) -> None:
    assert search_duplicates(SYSTEM, "500151001").offered == 0
    assert Candidate.objects.filter(elder=cast.mother).count() == 1


def test_same_merges_and_changes_no_record(cast: Cast, pair: Candidate) -> None:
    before = _everything(cast)
    with acting(cast.officer):
        decide(cast.officer, pair, Verdict.SAME, "看过户口簿，同一人")
    assert _everything(cast) == before
    made = Merge.objects.get()
    assert (made.survivor_id, made.elder_id) == (pair.elder_id, pair.other_id)
    assert (made.clerk, made.candidate_id) == ("刘局", pair.pk)
    kinds = list(Event.objects.filter(subject_kind="merge").values_list("kind", "person_id"))
    assert kinds == [("elder.merged", pair.elder_id), ("elder.merged", pair.other_id)]


def test_a_merged_record_is_left_out_and_opens_the_survivor(cast: Cast, pair: Candidate) -> None:
    gone, officer = _other(pair), cast.officer
    recount(SYSTEM)
    before = heads(officer, "500151").elders
    with acting(officer):
        decide(officer, pair, Verdict.SAME, "看过户口簿，同一人")
        assert gone not in visible(officer)
        assert [elder.pk for elder in search(officer, "王桂英")] == [pair.elder_id]
        assert by_id_number(officer, decrypt(gone.id_number)) == [pair.elder]
        assert get(officer, gone.pk) == gone  # what was written about the record stays with it
        assert survivor_of(officer, get(officer, gone.pk)) == pair.elder
    recount(SYSTEM)
    assert heads(officer, "500151").elders == before - 1
    assert gone.pk not in _wide()


def test_an_undone_merge_shows_both_again(cast: Cast, pair: Candidate) -> None:
    with acting(cast.officer):
        decide(cast.officer, pair, Verdict.SAME, "看过户口簿，同一人")
        undo(cast.officer, Merge.objects.get().pk, "弄错了，是两位老人")
        assert _other(pair) in visible(cast.officer)
    assert _other(pair).pk in _wide()


def _wide() -> set[int]:
    """Everybody of whom policies and figures read."""
    with connection.cursor() as cursor:
        cursor.execute(wide_sql(["living"], view_of()))
        return {row[0] for row in cursor.fetchall()}


def test_different_is_remembered(cast: Cast, pair: Candidate) -> None:
    with acting(cast.officer):
        decide(cast.officer, pair, Verdict.DIFFERENT, "两位老人，见过本人")
        assert not open_candidates(cast.officer).exists()
    search_duplicates(SYSTEM, "500151001")
    assert Candidate.objects.get(pk=pair.pk).state == "different"
    assert not Merge.objects.exists()


def test_a_merge_is_undone_and_never_comes_back_by_itself(cast: Cast, pair: Candidate) -> None:
    before = _everything(cast)
    with acting(cast.officer):
        decide(cast.officer, pair, Verdict.SAME, "看过户口簿，同一人")
        undo(cast.officer, Merge.objects.get().pk, "弄错了，是两位老人")
    assert _everything(cast) == before
    assert survivors([pair.other_id or 0]) == {pair.other_id: pair.other_id}
    verdicts = Decision.objects.filter(candidate=pair).order_by("id").values_list("verdict")
    assert [verdict for (verdict,) in verdicts] == ["same", "different"]
    assert search_duplicates(SYSTEM, "500151001").joined == 0
    assert Event.objects.filter(kind="elder.merge_undone").count() == 2


def test_whose_a_third_record_is_is_asked_when_two_part(cast: Cast, pair: Candidate) -> None:
    reason = "看着像一个人"
    wrong = merge(SYSTEM, cast.mother, _other(pair), reason=reason, score=1, why=[])
    third = make_elder("王桂英", 41)
    root = wrong.survivor
    found = merge(SYSTEM, root, third, reason=reason, score=1, why=[])
    settle(SYSTEM)
    assert not Followed.objects.filter(what="merge").exists()
    undo(SYSTEM, wrong.pk, "是两位老人")
    settle(SYSTEM)
    settle(SYSTEM)
    [asked] = Followed.objects.filter(what="merge", state=FollowedState.TO_DO)
    assert (asked.elder_id, asked.subject_id) == (root.pk, found.pk)


def test_a_merge_is_undone_once(cast: Cast, pair: Candidate) -> None:
    made = merge(SYSTEM, cast.mother, _other(pair), reason="同一个人",
                 score=1, why=[])  # fmt: skip
    undo(SYSTEM, made.pk, "不是同一人")
    with pytest.raises(AlreadyUndone):
        undo(SYSTEM, made.pk, "不是同一人")
    assert Undo.objects.count() == 1


def test_after_an_undo_the_two_may_be_merged_again(cast: Cast, pair: Candidate) -> None:
    other = _other(pair)
    made = merge(SYSTEM, cast.mother, other, reason="同一个人", score=1, why=[])
    undo(SYSTEM, made.pk, "不是同一人")
    with acting(cast.officer):
        shown = candidate(cast.officer, pair.pk)
        reopen(cast.officer, shown, "又拿来了户口簿")
        decide(cast.officer, shown, Verdict.SAME, "确实是同一人")
    assert survivors([other.pk])[other.pk] == cast.mother.pk


def test_a_record_is_merged_into_one_other_only(cast: Cast) -> None:
    two, three = again(77), again(78)
    merge(SYSTEM, cast.mother, two, reason="同一个人", score=1, why=[])
    with pytest.raises(AlreadyMerged):
        merge(SYSTEM, two, three, reason="同一个人", score=1, why=[])
    with pytest.raises(AlreadyMerged):
        merge(SYSTEM, cast.mother, two, reason="同一个人", score=1, why=[])


def test_the_second_of_two_clerks_is_told(cast: Cast, pair: Candidate) -> None:
    with acting(cast.officer):
        late = candidate(cast.officer, pair.pk)
        decide(cast.officer, pair, Verdict.DIFFERENT, "两位老人，见过本人")
        with pytest.raises(NotOpen):
            decide(cast.officer, late, Verdict.SAME, "看过户口簿，同一人")
    assert not Merge.objects.exists()
    assert Decision.objects.count() == 1


def test_a_decision_needs_a_reason(cast: Cast, pair: Candidate) -> None:
    with acting(cast.officer), pytest.raises(ReasonMissing):
        decide(cast.officer, pair, Verdict.SAME, " 是 ")
    assert Candidate.objects.get(pk=pair.pk).state == "open"


def test_somebody_from_elsewhere_neither_sees_nor_decides(cast: Cast, pair: Candidate) -> None:
    with acting(cast.far_officer):
        with pytest.raises(NotFound):
            candidate(cast.far_officer, pair.pk)
        with pytest.raises(NotFound):
            decide(cast.far_officer, pair, Verdict.SAME, "看过户口簿，同一人")
    with acting(cast.daughter), pytest.raises(NotAllowed):
        decide(cast.daughter, pair, Verdict.SAME, "这是我妈妈")


def test_a_pair_across_towns_is_above_a_town(cast: Cast) -> None:
    again(region="500151105201")
    search_duplicates(SYSTEM, "500151")
    pair = Candidate.objects.get(elder=cast.mother)
    assert pair.region_id == "500151000000"
    with acting(cast.town_officer), pytest.raises(NotFound):
        candidate(cast.town_officer, pair.pk)
    with acting(cast.officer):
        assert candidate(cast.officer, pair.pk) == pair


def test_a_doubtful_row_is_kept_sealed_and_listed_once(cast: Cast) -> None:
    make_elder("鲜玉碧", 1, phone="13800138000")
    said = rows(row(name="先玉必", address="石坝8组12号"))
    for expected in (1, 0):
        matches = match_rows(SYSTEM, said, source="village")
        assert offer_rows(SYSTEM, said, matches, source="village") == expected
    kept = Candidate.objects.get()
    assert "先玉必" not in str(bytes(kept.row))
    assert "先玉必" in decrypt(kept.row)


def test_a_row_of_two_offers_is_one_elder_only(cast: Cast) -> None:
    for number in (1, 2):
        make_elder("鲜玉碧", number)
    said = rows(row(name="鲜玉碧"))
    offer_rows(SYSTEM, said, match_rows(SYSTEM, said, source="village"), source="village")
    first, second = Candidate.objects.order_by("id")
    with acting(cast.officer):
        decide(cast.officer, first, Verdict.SAME, "电话问过家属")
    assert Candidate.objects.get(pk=second.pk).state == "different"


def test_decisions_and_merges_are_never_rewritten(cast: Cast, pair: Candidate) -> None:
    with acting(cast.officer):
        decide(cast.officer, pair, Verdict.SAME, "看过户口簿，同一人")
    for table in ("decision", "merge"):
        for act in (f"UPDATE matching_{table} SET reason = 'x'", f"DELETE FROM matching_{table}"):
            with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
                connection.cursor().execute(act)


def _say(elder: Elder, value: str) -> None:
    record_facts(SYSTEM, elder, [NewFact("family_doctor", value, value)], source="weijian")


def _said(elder: Elder) -> set[str]:
    kept = Fact.objects.filter(elder=elder, kind="family_doctor")
    return set(kept.values_list("value", flat=True))


def test_facts_of_both_are_the_survivors_until_the_undo(cast: Cast, pair: Candidate) -> None:
    other = _other(pair)
    _say(cast.mother, "周医生")
    _say(other, "陈医生")
    before = list(Fact.objects.order_by("pk").values())
    made = merge(SYSTEM, cast.mother, other, reason="同一个人", score=1, why=[])
    settle(SYSTEM)
    assert _said(cast.mother) == {"周医生", "陈医生"}
    _say(other, "后来的医生")
    assert settle(SYSTEM) == 1
    assert settle(SYSTEM) == 0
    undo(SYSTEM, made.pk, "不是同一人")
    settle(SYSTEM)
    assert _said(cast.mother) == {"周医生"}
    assert _said(other) == {"陈医生", "后来的医生"}
    assert list(Fact.objects.order_by("pk").values())[: len(before)] == before


@pytest.mark.django_db(transaction=True)
def test_two_merges_at_once_make_no_fork(cast: Cast) -> None:
    two, three = again(77), again(78)
    outcomes: list[str] = []

    def join(target: Elder) -> None:
        try:
            merge(SYSTEM, target, two, reason="同一个人", score=1, why=[])
            outcomes.append("merged")
        except AlreadyMerged:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=join, args=[elder]) for elder in (cast.mother, three)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The survivor is the older record: either both went into different roots through a chain that
    # ends in one, or the second was refused; never two ways out of one record.
    assert "merged" in outcomes
    out = [made.elder_id for made in Merge.objects.all()]
    assert len(out) == len(set(out))
