"""A person is what all her records say: every table follows a merge, and an undo gives all back."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from songbai.core import clock
from songbai.core.accounts.models import Access
from songbai.core.accounts.rules import SYSTEM
from songbai.core.approvals.actions import vote
from songbai.core.approvals.rules import Verdict
from songbai.core.following import Following, following
from songbai.core.ledger.queries import total
from songbai.domain.benefits.actions.correcting import find_corrections, suspend
from songbai.domain.benefits.actions.cycles import propose
from songbai.domain.benefits.actions.paying import pay
from songbai.domain.benefits.bank import RecordingBank
from songbai.domain.benefits.models import Arrears, Cycle, Payment, PaymentBatch, Recovery
from songbai.domain.benefits.queries.payments import payments_of_elder
from songbai.domain.benefits.rules.paying import PaymentState, SuspensionReason
from songbai.domain.benefits.tests.cycles import (
    LONGEVITY,
    another_officer,
    noticed,
    run_month,
    tongliang_people,
)
from songbai.domain.benefits.tests.giving import grant_credit
from songbai.domain.benefits.tests.payments import another, answered, ready, started
from songbai.domain.careplans.models import CarePlan
from songbai.domain.careplans.tests.scene import agreed
from songbai.domain.elders.actions import consents
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.actions.turning import see_to
from songbai.domain.elders.models import Consent, Elder, Fact, Followed, FollowedState, Proxy
from songbai.domain.elders.queries import visible
from songbai.domain.elders.queries.family import agreements
from songbai.domain.elders.queries.turns import followed_of
from songbai.domain.elders.rules.consents import purposes
from songbai.domain.elders.tests.batches import record_batch
from songbai.domain.matching.actions import merge, settle, undo
from songbai.domain.matching.models import Merge
from songbai.domain.orders.actions import place
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from tests.acts import afterwards_nothing, placed, wanted
from tests.cast import Cast, acting, bind, make_account, make_elder, tomorrow

from .test_every_table import lift_demands, run
from .together import failures, together

pytestmark = pytest.mark.long

CARRIED = [one for one in following() if one.merge == "carried"]


@pytest.fixture
def other(cast: Cast) -> Elder:
    """A second record of Mrs Wang."""
    return make_elder("王桂英", 77)


def joined(cast: Cast, other: Elder) -> Merge:
    """They are one person, and every row has followed. Mrs Wang's record survives."""
    made = merge(SYSTEM, cast.mother, other, reason="看过户口簿", score=1, why=[])
    settle(SYSTEM)
    return made


def parted(made: Merge) -> None:
    """They are two after all."""
    undo(SYSTEM, made.pk, "是两位老人")
    settle(SYSTEM)


def put_row(one: Following, person: int) -> None:
    """A row with nothing but whose it is."""
    key = one.model._meta.pk
    columns: dict[str, Any] = {one.person: person}
    if key is not None and key.get_internal_type() == "UUIDField":
        columns[str(key.column)] = "7c1e8f0a-51d5-4a51-9a0e-6f0a3b1f9c20"
    names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
    run(f"INSERT INTO {one.table} ({names}) VALUES ({marks})", list(columns.values()))


@pytest.mark.parametrize("one", CARRIED, ids=lambda one: one.table)
def test_a_row_goes_along_and_comes_back(cast: Cast, other: Elder, one: Following) -> None:
    made = joined(cast, other)
    with afterwards_nothing():
        lift_demands(one.table)
        put_row(one, other.pk)
        whose = f"SELECT {one.person} FROM {one.table}"
        settle(SYSTEM)
        assert run(whose) == [(cast.mother.pk,)]
        parted(made)
        assert run(whose) == [(other.pk,)]


def test_what_was_written_before_and_after_is_told_apart(cast: Cast, other: Elder) -> None:
    order = placed(cast)
    made = joined(cast, other)
    later = placed(
        cast, window_start=order.window_end, window_end=order.window_end + timedelta(hours=2)
    )
    parted(made)
    assert set(Order.objects.values_list("pk", "elder_id")) == {
        (order.pk, cast.mother.pk),
        (later.pk, cast.mother.pk),
    }


def test_orders_of_both_records_for_one_time_are_for_the_desk_to_ask_about(
    cast: Cast, other: Elder
) -> None:
    son = make_account("陈子", cast.daughter.kind)  # type: ignore[arg-type]  # a role
    bind(other, son)
    mine = placed(cast)
    with acting(son):
        hers = place(son, wanted(cast, elder=other))
        day = timedelta(days=1)
        times = {"window_start": mine.window_start + day, "window_end": mine.window_end + day}
        place(son, wanted(cast, elder=other, **times))
    joined(cast, other)
    [left] = Followed.objects.filter(what="order", state=FollowedState.TO_DO)
    assert (left.elder_id, left.subject_id) == (cast.mother.pk, hers.pk)
    assert str(mine.number) in left.words
    settle(SYSTEM)
    assert Followed.objects.filter(what="order").count() == 1


@pytest.mark.parametrize("whose", ["back", "kept", "both", "desk"])
def test_an_order_of_the_time_in_between_is_hers_whose_family_placed_it(
    cast: Cast, other: Elder, whose: str
) -> None:
    son = make_account("陈子", cast.daughter.kind)  # type: ignore[arg-type]  # a role
    bind(other, son)
    if whose == "both":
        bind(cast.mother, son)
    made = joined(cast, other)
    grant_credit(SYSTEM, other, clock.month_of(tomorrow(9)))
    who = {"kept": cast.daughter, "desk": cast.dispatcher}.get(whose, son)
    with acting(who):
        order = place(who, wanted(cast))
    parted(made)
    rows = set(Order.objects.exclude(state=OrderState.CANCELLED).values_list("elder_id", "total"))
    assert rows == {(other.pk if whose == "back" else cast.mother.pk, order.total)}
    left = Followed.objects.filter(what="order", state=FollowedState.TO_DO)
    asked = {"both", "desk"} & {whose}
    assert [row.elder_id for row in left] == [other.pk for _ in asked]
    settle(SYSTEM)
    assert left.count() == len(asked)
    assert total() == 0


def test_of_three_the_one_in_the_middle_takes_its_order_along(cast: Cast, other: Elder) -> None:
    sons = [make_account(name, cast.daughter.kind) for name in ("陈一", "陈二")]  # type: ignore[arg-type]  # a role
    third = make_elder("王桂英", 78)
    for elder, son in zip((other, third), sons, strict=True):
        bind(elder, son)
    first = joined(cast, other)
    second = joined(cast, third)
    places = []
    for at, son in enumerate(sons):
        window = {"window_start": tomorrow(9 + 3 * at), "window_end": tomorrow(11 + 3 * at)}
        with acting(son):
            places.append(place(son, wanted(cast, **window)))
    parted(first)
    alive = Order.objects.exclude(state=OrderState.CANCELLED)
    whose = dict(alive.values_list("window_start", "elder_id"))
    assert whose == {
        places[0].window_start: other.pk,
        places[1].window_start: cast.mother.pk,
    }
    parted(second)
    assert dict(alive.values_list("window_start", "elder_id")) == {
        places[0].window_start: other.pk,
        places[1].window_start: third.pk,
    }
    assert total() == 0


@pytest.mark.parametrize("by", ["one", "set"])
def test_what_is_said_again_while_two_are_read_as_one_goes_back_once(
    cast: Cast, other: Elder, by: str
) -> None:
    at = clock.now()

    def said() -> None:
        if by == "one":
            new = NewFact("hardship", "tekun", source_id="9", observed_at=at)
            record_facts(SYSTEM, other, [new], source="minzheng")
        else:
            row = (other.pk, "hardship", "9", "tekun", b"", b"", None, None, at, False)
            record_batch(SYSTEM, [row], source="minzheng")

    said()
    made = joined(cast, other)
    said()
    settle(SYSTEM)
    parted(made)
    facts = Fact.objects.filter(kind="hardship", source="minzheng")
    assert [fact.elder_id for fact in facts] == [other.pk]


def stands(elder: Elder, purpose: str) -> bool:
    """Whether somebody agreed to something."""
    (one,) = (row for row in agreements(SYSTEM, elder) if row.purpose.code == purpose)
    return bool(one.latest and one.latest.given)


def said(cast: Cast, elder: Elder, purpose: str, *, given: bool) -> None:
    """The office writes down what the person signed."""
    words = purposes()[purpose]
    with acting(cast.officer):
        consents.say(cast.officer, elder, purpose, given=given, version=words.version,
                     proof="老人签字的同意书")  # fmt: skip


@pytest.mark.parametrize("first", [True, False])
def test_a_no_of_one_record_is_the_persons_no(cast: Cast, other: Elder, first: bool) -> None:
    purpose = next(iter(purposes()))
    said(cast, cast.mother, purpose, given=first)
    said(cast, other, purpose, given=not first)
    made = joined(cast, other)
    assert not stands(cast.mother, purpose)
    settle(SYSTEM)
    before = Consent.objects.count()
    parted(made)
    assert stands(cast.mother, purpose) is first
    assert stands(other, purpose) is not first
    parted_again = Consent.objects.count()
    settle(SYSTEM)
    assert (before <= parted_again) and Consent.objects.count() == parted_again


def test_what_she_says_herself_afterwards_counts(cast: Cast, other: Elder) -> None:
    purpose = next(iter(purposes()))
    said(cast, cast.mother, purpose, given=True)
    said(cast, other, purpose, given=False)
    joined(cast, other)
    said(cast, cast.mother, purpose, given=True)
    settle(SYSTEM)
    assert stands(cast.mother, purpose)


def test_a_guardian_finds_her_under_the_record_that_stands(cast: Cast, other: Elder) -> None:
    bound = Proxy.objects.get(elder=cast.mother, account_id=cast.daughter.account)
    made = merge(SYSTEM, other, cast.mother, reason="看过户口簿", score=1, why=[])
    gone, kept = made.elder, made.survivor
    Proxy.objects.filter(pk=bound.pk).update(elder=gone)
    Access.objects.filter(person_id=kept.pk).update(person_id=gone.pk)
    settle(SYSTEM)
    with acting(cast.daughter):
        assert list(visible(cast.daughter)) == [kept]
    assert Proxy.objects.get(pk=bound.pk).elder == kept
    parted(made)
    with acting(cast.daughter):
        assert list(visible(cast.daughter)) == [gone]


def test_a_second_plan_goes_on_somebodys_list(cast: Cast, other: Elder) -> None:
    plan = agreed(cast)
    second = CarePlan.objects.get(pk=plan.pk)
    second.pk, second.elder, second.revises = None, other, plan
    second.key, second.number = uuid.uuid4(), "F0"
    second.save(force_insert=True)
    joined(cast, other)
    assert CarePlan.objects.get(pk=second.pk).elder_id == other.pk
    settle(SYSTEM)
    with acting(cast.officer):
        (row,) = followed_of(cast.officer, cast.mother)
    assert (row.state, row.what) == (FollowedState.TO_DO, "careplan")
    assert (row.subject_id, row.words) == (second.pk, "合并后有两份服务计划，请看留哪一份")


def test_what_a_merge_asks_is_no_matter_after_its_undo_and_asked_by_the_next(
    cast: Cast, other: Elder
) -> None:
    plan = agreed(cast)
    second = CarePlan.objects.get(pk=plan.pk)
    second.pk, second.elder, second.revises = None, other, plan
    second.key, second.number = uuid.uuid4(), "F0"
    second.save(force_insert=True)
    asked = Followed.objects.filter(what="careplan", state=FollowedState.TO_DO)
    parted(joined(cast, other))
    assert not asked.exists()
    made = joined(cast, other)
    with acting(cast.officer):
        see_to(cast.officer, asked.get().pk, "问过家里，留新的")
    parted(made)
    assert asked.get().words.startswith("合并撤销了，之前按一个人办的请看要不要改回")
    joined(cast, other)
    assert asked.get().words == "合并后有两份服务计划，请看留哪一份"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_processes_settle_once(cast: Cast, other: Elder) -> None:
    purpose = next(iter(purposes()))
    said(cast, cast.mother, purpose, given=True)
    said(cast, other, purpose, given=False)
    made = merge(SYSTEM, cast.mother, other, reason="看过户口簿", score=1, why=[])
    assert not failures(together(*[lambda: settle(SYSTEM)] * 3))
    assert Consent.objects.filter(by_name=SYSTEM.name).count() == 1
    undo(SYSTEM, made.pk, "是两位老人")
    assert not failures(together(*[lambda: settle(SYSTEM)] * 3))
    assert stands(cast.mother, purpose)
    assert Consent.objects.filter(by_name=SYSTEM.name).count() == 2


def test_a_no_of_a_record_that_still_is_hers_stands_after_the_undo_of_another(
    cast: Cast, other: Elder
) -> None:
    purpose, third = next(iter(purposes())), make_elder("王桂英", 78)
    for elder, given in ((third, False), (cast.mother, True), (other, False)):
        said(cast, elder, purpose, given=given)
    first, second = joined(cast, other), joined(cast, third)
    parted(first)
    assert not stands(cast.mother, purpose)
    parted(second)
    assert stands(cast.mother, purpose)


def test_a_no_written_twice_hides_no_yes(cast: Cast, other: Elder) -> None:
    purpose = next(iter(purposes()))
    said(cast, cast.mother, purpose, given=True)
    said(cast, other, purpose, given=False)
    made = joined(cast, other)
    twice = Consent.objects.get(by_name=SYSTEM.name)
    twice.pk = None
    twice.save(force_insert=True)
    parted(made)
    assert stands(cast.mother, purpose)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_payments_of_one_month_are_asked_back(cast: Cast) -> None:
    bank = RecordingBank()
    june = ready(cast, "2026-06")
    pay(SYSTEM, bank, started(cast, june).pk)
    for batch in PaymentBatch.objects.filter(cycle=june, state="sent"):
        answered(bank, batch, {})
    paid = [row.elder for row in Payment.objects.filter(cycle=june).order_by("pk")]
    assert len(paid) == 2
    made = merge(SYSTEM, paid[0], paid[1], reason="看过户口簿", score=1, why=[])
    settle(SYSTEM)
    with acting(cast.officer):
        assert payments_of_elder(cast.officer, made.survivor).count() == 2
    july = run_month("2026-07", LONGEVITY)[LONGEVITY]
    assert find_corrections(SYSTEM, july) == (0, 1)
    assert Recovery.objects.get().owed == 1_000
    assert find_corrections(SYSTEM, july) == (0, 0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_merge_while_the_file_is_out_and_its_undo_ask_back_and_let_go(cast: Cast) -> None:
    bank = RecordingBank()
    june = ready(cast, "2026-06")
    pay(SYSTEM, bank, started(cast, june).pk)
    one, two = (row.elder for row in Payment.objects.filter(cycle=june).order_by("pk"))
    made = merge(SYSTEM, one, two, reason="看过户口簿", score=1, why=[])
    settle(SYSTEM)
    for batch in PaymentBatch.objects.filter(cycle=june, state="sent"):
        answered(bank, batch, {})
    assert {*Payment.objects.values_list("state", flat=True)} == {PaymentState.PAID}
    july = run_month("2026-07", LONGEVITY)[LONGEVITY]
    assert find_corrections(SYSTEM, july) == (0, 1)
    undo(SYSTEM, made.pk, "是两位老人")
    settle(SYSTEM)
    find_corrections(SYSTEM, run_month("2026-08", LONGEVITY)[LONGEVITY])
    owed = Recovery.objects.get()
    assert (owed.open, owed.released) == (0, 1_000)
    assert total() == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_merge_while_the_list_waits_for_the_second_officer_is_paid_once(cast: Cast) -> None:
    bank, officer, colleague = RecordingBank(), cast.officer, another_officer()
    tongliang_people(cast)
    june = noticed(officer, run_month("2026-06", LONGEVITY)[LONGEVITY])
    with acting(officer):
        asked = propose(officer, june)
    made = merge(SYSTEM, cast.mother, cast.neighbour, reason="看过户口簿", score=1, why=[])
    settle(SYSTEM)
    with acting(colleague):
        vote(colleague, asked.pk, Verdict.YES)
    june.refresh_from_db()
    pay(SYSTEM, bank, started(cast, june).pk)
    answered(bank, PaymentBatch.objects.get(cycle=june), {})
    assert Payment.objects.get(cycle=june).elder_id == made.survivor_id
    undo(SYSTEM, made.pk, "是两位老人")
    settle(SYSTEM)
    assert find_corrections(SYSTEM, run_month("2026-07", LONGEVITY)[LONGEVITY]) == (1, 0)
    assert Arrears.objects.get().elder_id == made.elder_id


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_whoever_is_suspended_under_one_record_is_paid_under_none(cast: Cast) -> None:
    tongliang_people(cast)
    with acting(cast.officer):
        suspend(cast.officer, cast.neighbour, LONGEVITY, SuspensionReason.SURVIVAL,
                clock.today(), "认证到期没有做")  # fmt: skip
    made = merge(SYSTEM, cast.mother, cast.neighbour, reason="看过户口簿", score=1, why=[])
    settle(SYSTEM)
    started(cast, another(cast, "2026-06"))
    pay(SYSTEM, RecordingBank(), Cycle.objects.get(month="2026-06", policy=LONGEVITY).pk)
    payment = Payment.objects.get(elder=made.survivor)
    assert (payment.state, Payment.objects.count()) == (PaymentState.SUSPENDED, 1)
