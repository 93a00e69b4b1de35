"""Where the elder is away, or somebody is there, whoever sends is asked first, at every door."""

from datetime import timedelta

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.events.models import Event
from songbai.core.reasons import ReasonMissing
from songbai.domain.dispatch import actions
from songbai.domain.dispatch.actions import Departed, Doubtful
from songbai.domain.dispatch.models import Assignment, DayPlan, PlanLine
from songbai.domain.dispatch.planner.drafting import Terms
from songbai.domain.dispatch.rules import AssignmentState, Refusal
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.actions.turning import follow_turns
from songbai.domain.orders.models import Order
from tests.acts import placed
from tests.cast import Cast, acting, tomorrow

pytestmark = pytest.mark.long

WHY = "问过女儿，要两个人"


def crossing(cast: Cast) -> tuple[Order, Order]:
    """Two orders of one elder that cannot come one after the other; somebody goes to the first."""
    first, second = (placed(cast, window_end=tomorrow(9, 30)) for _ in range(2))
    with acting(cast.dispatcher):
        actions.assign(cast.dispatcher, first.pk, cast.second_staff.pk, reason="熟悉这位老人")
    return first, second


def drafted(cast: Cast, **terms: object) -> DayPlan:
    with acting(cast.dispatcher):
        return actions.draft(
            cast.dispatcher,
            tomorrow(9).date(),
            terms=Terms(**terms),  # type: ignore[arg-type]
        )


def sent_to(order: Order) -> Assignment | None:
    return Assignment.objects.filter(order=order, state=AssignmentState.ACTIVE).first()


def in_hospital(cast: Cast) -> None:
    stay = NewFact("hospital_stay", "铜梁区人民医院", source_id="S1")
    record_facts(SYSTEM, cast.mother, [stay], source="yibao")
    follow_turns(SYSTEM)


def test_a_reason_for_the_choice_is_none_for_the_doubt(cast: Cast) -> None:
    _, second = crossing(cast)
    with acting(cast.dispatcher):
        with pytest.raises(Doubtful, match="张芬在老人家里"):
            actions.assign(cast.dispatcher, second.pk, cast.staff.pk, reason="离得最近")
        with pytest.raises(ReasonMissing, match="问过谁"):
            actions.assign(cast.dispatcher, second.pk, cast.staff.pk, knowing=True)
        actions.assign(cast.dispatcher, second.pk, cast.staff.pk, reason=WHY, knowing=True)
    told = Event.objects.filter(kind="order.assigned", subject_id=second.pk).get().payload
    assert (told["override"], told["doubt"][:10]) == (WHY, "那时候张芬在老人家里")


def test_one_press_leaves_a_second_at_one_door_to_a_hand(cast: Cast) -> None:
    _, second = crossing(cast)
    with acting(cast.dispatcher):
        done = actions.plan(cast.dispatcher, tomorrow(9).date())
    assert done.open == {second.pk: Refusal.ASK_FIRST}
    assert sent_to(second) is None


def test_a_plan_is_published_over_a_doubt_only_when_it_is_named(cast: Cast) -> None:
    first, second = crossing(cast)
    plan = drafted(cast)
    with acting(cast.dispatcher):
        with pytest.raises(Doubtful, match=f"{second.number}：那时候张芬在老人家里"):
            actions.publish(cast.dispatcher, plan.pk, knowing=[first.pk], reason=WHY)
        with pytest.raises(ReasonMissing):
            actions.publish(cast.dispatcher, plan.pk, knowing=[second.pk])
        actions.publish(cast.dispatcher, plan.pk, knowing=[second.pk], reason=WHY)
    sent = sent_to(second)
    assert sent is not None
    assert sent.override_reason == WHY
    told = Event.objects.filter(kind="order.assigned", subject_id=second.pk).get().payload
    assert "张芬在老人家里" in told["doubt"]


def test_a_move_and_a_pin_ask_and_keep_the_reason_until_it_is_published(cast: Cast) -> None:
    _, second = crossing(cast)
    plan, key = drafted(cast), str(second.pk)
    with acting(cast.dispatcher):
        with pytest.raises(Doubtful):
            actions.move(cast.dispatcher, plan.pk, key, cast.staff.pk)
        with pytest.raises(Doubtful):
            actions.pin(cast.dispatcher, plan.pk, key, pinned=True)
        line = actions.pin(cast.dispatcher, plan.pk, key, pinned=True, knowing=True, reason=WHY)
        assert line.override_reason == WHY
        assert actions.pin(cast.dispatcher, plan.pk, key, pinned=False).override_reason == ""
        line = actions.move(cast.dispatcher, plan.pk, key, cast.staff.pk, knowing=True, reason=WHY)
        assert (line.pinned, line.override_reason) == (True, WHY)
        told = Event.objects.filter(kind="plan.changed").latest("id").payload
        assert (told["order"], told["override"]) == (second.pk, WHY)
        again = actions.redraft(cast.dispatcher, plan.pk)
        actions.publish(cast.dispatcher, again.pk)
    sent = sent_to(second)
    assert sent is not None
    assert sent.override_reason == WHY


def test_a_draft_is_asked_about_who_went_to_hospital_meanwhile(cast: Cast) -> None:
    order = placed(cast)
    plan = drafted(cast)
    in_hospital(cast)
    with acting(cast.dispatcher):
        with pytest.raises(Doubtful, match="住院"):
            actions.publish(cast.dispatcher, plan.pk)
        with pytest.raises(Doubtful, match="住院"):
            actions.move(cast.dispatcher, plan.pk, str(order.pk), cast.staff.pk)
    assert sent_to(order) is None


def test_who_is_in_hospital_is_moved_into_a_draft_only_knowing_it(cast: Cast) -> None:
    order, why = placed(cast), "女儿说明天上午就出院"
    in_hospital(cast)
    plan, key = drafted(cast, rounds=False), str(order.pk)
    assert not plan.lines.exists()
    with acting(cast.dispatcher):
        with pytest.raises(Doubtful, match="住院"):
            actions.move(cast.dispatcher, plan.pk, key, cast.staff.pk)
        assert not PlanLine.objects.filter(plan=plan).exists()
        actions.move(cast.dispatcher, plan.pk, key, cast.staff.pk, knowing=True, reason=why)
        actions.publish(cast.dispatcher, plan.pk)
        sent = sent_to(order)
        assert sent is not None
        assert (sent.staff_id, sent.override_reason) == (cast.staff.pk, why)
        assert actions.plan(cast.dispatcher, tomorrow(9).date()).assigned == []


def test_a_death_in_the_very_minute_is_refused(cast: Cast) -> None:
    order = placed(cast)
    plan = drafted(cast)
    day = str(clock.today() - timedelta(days=1))
    record_facts(SYSTEM, cast.mother, [NewFact("death", day)], source="gongan")
    with acting(cast.dispatcher):
        with pytest.raises(Departed):
            actions.assign(cast.dispatcher, order.pk, cast.staff.pk, reason="家属要她去")
        with pytest.raises(Departed):
            actions.publish(cast.dispatcher, plan.pk)
        assert actions.plan(cast.dispatcher, tomorrow(9).date()).assigned == []
    assert sent_to(order) is None
