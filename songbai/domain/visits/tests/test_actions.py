"""At the door: scanning, recording, leaving; nothing doubtful passes in silence."""

import uuid
from datetime import datetime, timedelta

import pytest

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import NotAllowed, NotFound, Refused
from songbai.core.events.models import Event
from songbai.core.events.queries import history
from songbai.core.events.registry import said
from songbai.core.geo import Place
from songbai.domain.dispatch.actions import withdraw
from songbai.domain.orders.actions import cancel
from songbai.domain.orders.errors import TooLate
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import AUTO_CONFIRM, OrderState
from songbai.domain.visits.actions import Scan, check_in, check_out, record_step
from songbai.domain.visits.errors import (
    ImpossibleValue,
    NotDueYet,
    ReasonNeeded,
    StillElsewhere,
    WrongElder,
)
from songbai.domain.visits.models import Visit, VisitStep
from songbai.domain.visits.queries import asked_steps, evidence, open_reports
from songbai.domain.visits.rules import Doubt, VisitState
from tests.acts import all_steps_done, assigned, begun, end_of, left, placed, scan
from tests.attack import refused
from tests.cast import HOME, Cast, acting, tomorrow

pytestmark = pytest.mark.long

FAR = Place(HOME.longitude, HOME.latitude + 0.027)
WHY = "手机没有信号"


def state_of_order() -> str:
    return Order.objects.get().state


def test_who_scans_in_time_at_the_door_raises_no_doubt(cast: Cast) -> None:
    visit = begun(cast)
    assert visit.doubts == []
    assert (visit.in_scanned, visit.in_metres) == (True, 0)
    assert state_of_order() == OrderState.IN_SERVICE


@pytest.mark.parametrize("form", ["{}", "https://songbai.example/d/{}", "  {}\n"])
def test_the_code_may_be_an_address(cast: Cast, form: str) -> None:
    assert begun(cast, code=form.format(cast.mother.door_code)).in_scanned


def test_a_typed_code_may_have_a_gap_and_small_letters(cast: Cast) -> None:
    code = cast.mother.door_code.lower()
    assert begun(cast, code=f"{code[:4]} {code[4:]}").in_scanned


@pytest.mark.parametrize("whose", ["neighbour", "nobody", "nonsense"])
def test_another_doors_code_is_refused(cast: Cast, whose: str) -> None:
    codes = {"neighbour": str(cast.neighbour.door_code), "nobody": str(uuid.uuid4())}
    with pytest.raises(WrongElder, match="不是这位老人的"):
        begun(cast, code=codes.get(whose, "abc"), reason=WHY)
    assert not Visit.objects.exists()
    assert state_of_order() == OrderState.ASSIGNED


@pytest.mark.parametrize(
    ("changes", "doubts", "said"),
    [
        ({"place": None}, [Doubt.NO_POSITION], "没有定位"),
        ({"place": FAR}, [Doubt.FAR], "离家 3.0 公里"),
        ({"code": ""}, [Doubt.NO_CODE], "没有扫码"),
        ({"code": " ", "place": None}, [Doubt.NO_CODE, Doubt.NO_POSITION], "没有定位、没有扫码"),
    ],
)
def test_a_doubtful_arrival_needs_a_reason_and_is_kept_as_doubtful(
    cast: Cast, changes: dict[str, object], doubts: list[Doubt], said: str
) -> None:
    assignment = assigned(cast)
    with pytest.raises(ReasonNeeded, match=said):
        begun(cast, assignment, **changes)
    with pytest.raises(ReasonNeeded):
        begun(cast, assignment, **changes, reason=" 没 网 ")
    assert not Visit.objects.exists()
    visit = begun(cast, assignment, **changes, reason=WHY)
    assert (visit.doubts, visit.in_reason) == (sorted(doubts), WHY)


def test_the_door_says_what_the_doubts_are(cast: Cast) -> None:
    with pytest.raises(ReasonNeeded) as caught:
        begun(cast, place=None, code="")
    assert caught.value.doubts == [Doubt.NO_POSITION, Doubt.NO_CODE]
    assert caught.value.field == "reason"
    assert all(doubt.words in caught.value.message for doubt in caught.value.doubts)


def test_scanning_again_returns_the_same_visit(cast: Cast) -> None:
    assignment = assigned(cast)
    first = begun(cast, assignment)
    again = begun(cast, assignment, code="", place=None)
    assert (again.pk, again.in_record) == (first.pk, first.in_record)
    begins = [event for event in history("order", first.order_id) if event.kind == "order.begun"]
    assert len(begins) == 1


def late_scan(cast: Cast, late: timedelta, device: timedelta) -> Visit:
    """A scan that reaches us ``late`` after the planned time; the phone shows ``device``."""
    found = assigned(cast)
    with clock.moved_to(found.starts_at + late), acting(cast.caregiver):
        told = scan(cast, device_time=found.starts_at + device)
        return check_in(cast.caregiver, found.pk, told)


def minutes_after_plan(visit: Visit) -> int:
    return round((visit.in_at - visit.assignment.starts_at).total_seconds() / 60)


@pytest.mark.parametrize(
    ("late", "device", "counted", "doubts"),
    [
        (timedelta(minutes=5), timedelta(0), 0, []),
        (timedelta(hours=5), timedelta(0), 0, [Doubt.LATE_RECORD]),
        (timedelta(hours=5), timedelta(hours=4, minutes=55), 295, [Doubt.LATE]),
        (timedelta(hours=5), timedelta(hours=1), 60, [Doubt.LATE, Doubt.LATE_RECORD]),
        (timedelta(0), timedelta(minutes=4), 0, []),
        (timedelta(0), timedelta(days=2), 0, []),
        (timedelta(hours=80), timedelta(0), 80 * 60, [Doubt.LATE, Doubt.LATE_RECORD]),
    ],
    ids=["at once", "offline", "late", "late and offline", "ahead", "far ahead", "too old"],
)
def test_whose_clock_counts(
    cast: Cast, late: timedelta, device: timedelta, counted: int, doubts: list[Doubt]
) -> None:
    visit = late_scan(cast, late, device)
    assert minutes_after_plan(visit) == counted
    assert visit.doubts == doubts
    assert abs(visit.in_received - visit.assignment.starts_at - late) < timedelta(seconds=5)


def test_nobody_checks_in_the_day_before(cast: Cast) -> None:
    found = assigned(cast)
    with acting(cast.caregiver), pytest.raises(NotDueYet):
        check_in(cast.caregiver, found.pk, scan(cast))


def test_for_another_caregiver_there_is_no_such_visit(cast: Cast) -> None:
    found, actor = assigned(cast), cast.other_caregiver
    with clock.moved_to(found.starts_at), acting(actor), pytest.raises(NotFound):
        check_in(actor, found.pk, scan(cast))
    visit = begun(cast, found)
    with acting(actor), pytest.raises(NotFound):
        check_out(actor, visit.pk, scan(cast))
    with acting(actor), pytest.raises(NotFound):
        record_step(actor, visit.pk, "A05-01.water", done=True)


@pytest.mark.parametrize("name", ["daughter", "dispatcher", "provider_staff", "officer"])
def test_only_caregivers_do_visits(cast: Cast, name: str) -> None:
    found, actor = assigned(cast), getattr(cast, name)
    with pytest.raises(NotAllowed):
        check_in(actor, found.pk, scan(cast))
    visit = begun(cast, found)
    with pytest.raises(NotAllowed):
        record_step(actor, visit.pk, "x", done=True)
    with pytest.raises(NotAllowed):
        check_out(actor, visit.pk, scan(cast))


def test_who_comes_to_a_cancelled_order_is_told(cast: Cast) -> None:
    found = assigned(cast)
    with acting(cast.daughter):
        cancel(cast.daughter, found.order_id)
    with pytest.raises(TooLate, match="已经取消"):
        begun(cast, found)
    assert not Visit.objects.exists()


def test_who_was_taken_off_finds_nothing(cast: Cast) -> None:
    found = assigned(cast)
    with acting(cast.dispatcher):
        withdraw(cast.dispatcher, found.order_id, "她临时请假")
    with pytest.raises(NotFound):
        begun(cast, found)


def step_codes(visit: Visit) -> list[str]:
    return [step.code for step in asked_steps(visit)]


def test_a_step_is_ticked_and_unticked(cast: Cast) -> None:
    visit = begun(cast)
    code = step_codes(visit)[0]
    for done, value in ((True, " 128/76 mmHg "), (False, "")):
        with acting(cast.caregiver):
            record_step(cast.caregiver, visit.pk, code, done=done, value=value)
        step = VisitStep.objects.get()
        assert (step.done, step.value) == (done, value.strip())


@pytest.mark.parametrize("value", ["abc", "", "95", "76/128", "1280/76"])
def test_a_number_that_cannot_be_is_refused(cast: Cast, value: str) -> None:
    visit = begun(cast)
    with acting(cast.caregiver), pytest.raises(ImpossibleValue):
        record_step(cast.caregiver, visit.pk, step_codes(visit)[0], done=True, value=value)
    assert not VisitStep.objects.exists()


def test_a_dangerous_number_stops_the_step_and_the_family_is_told(cast: Cast) -> None:
    visit = begun(cast)
    code = step_codes(visit)[0]
    with acting(cast.caregiver):
        step = record_step(cast.caregiver, visit.pk, code, done=True, value="220/130")
    assert (step.done, step.value) == (False, "220/130 mmHg")
    told = Event.objects.get(kind="visit.reported")
    assert "量到高压 220 mmHg" in said(told.kind, told.payload, "family")
    [waits] = open_reports(cast.dispatcher)
    assert (waits.kind, waits.note) == ("danger", "高压 220 mmHg")
    other = next(step.code for step in asked_steps(visit)[1:] if not step.measure)
    water = next(step.code for step in asked_steps(visit) if step.measure == "水温℃")
    with acting(cast.caregiver):
        with pytest.raises(TooLate, match="再量一次"):
            record_step(cast.caregiver, visit.pk, other, done=True)
        record_step(cast.caregiver, visit.pk, code, done=True, value="215/120")
        assert open_reports(cast.dispatcher).count() == 1
        assert record_step(cast.caregiver, visit.pk, water, done=True, value="39").done
        assert record_step(cast.caregiver, visit.pk, code, done=True, value="140/85").done
        record_step(cast.caregiver, visit.pk, other, done=True)
    assert not open_reports(cast.dispatcher)
    all_steps_done(cast, visit)
    assert Doubt.DANGER in left(cast, visit).doubts


def test_a_step_the_service_does_not_have_is_refused(cast: Cast) -> None:
    visit = begun(cast)
    with acting(cast.caregiver), pytest.raises(Refused, match="没有这个步骤"):
        record_step(cast.caregiver, visit.pk, "Z99.dance", done=True)


def test_after_leaving_nothing_is_ticked(cast: Cast) -> None:
    visit = begun(cast)
    all_steps_done(cast, visit)
    left(cast, visit)
    with acting(cast.caregiver), pytest.raises(TooLate, match="已经签退"):
        record_step(cast.caregiver, visit.pk, step_codes(visit)[0], done=False)


def test_a_full_visit_asks_the_family_to_confirm(cast: Cast) -> None:
    visit = begun(cast)
    all_steps_done(cast, visit)
    gone = left(cast, visit)
    assert (gone.state, gone.doubts, gone.minutes) == (
        VisitState.CHECKED_OUT,
        [],
        visit.order.minutes,
    )
    order = Order.objects.get()
    assert order.state == OrderState.TO_CONFIRM
    assert order.confirm_due is not None
    waits = order.confirm_due - end_of(visit)
    assert abs(waits - AUTO_CONFIRM) < timedelta(minutes=1)


def test_missing_steps_are_named_and_need_a_reason(cast: Cast) -> None:
    visit = begun(cast)
    required = [step.name for step in asked_steps(visit) if step.required]
    with pytest.raises(ReasonNeeded) as caught:
        left(cast, visit)
    assert all(name in caught.value.message for name in required)
    assert left(cast, visit, reason="老人不愿意").doubts == [Doubt.STEPS]


def test_an_unticked_step_is_missing(cast: Cast) -> None:
    visit = begun(cast)
    all_steps_done(cast, visit)
    required = next(step for step in asked_steps(visit) if step.required)
    with acting(cast.caregiver):
        record_step(cast.caregiver, visit.pk, required.code, done=False)
    with pytest.raises(ReasonNeeded, match=required.name):
        left(cast, visit)


def test_leaving_early_needs_a_reason(cast: Cast) -> None:
    visit = begun(cast)
    all_steps_done(cast, visit)
    with pytest.raises(ReasonNeeded, match="才 20 分钟"):
        left(cast, visit, after=20)
    gone = left(cast, visit, after=20, reason="老人要休息")
    assert (gone.doubts, gone.minutes, gone.out_reason) == ([Doubt.SHORT], 20, "老人要休息")


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({"place": None}, Doubt.NO_POSITION),
        ({"place": FAR}, Doubt.FAR),
        ({"code": " "}, Doubt.NO_CODE),
    ],
)
def test_a_doubtful_departure_needs_a_reason(
    cast: Cast, changes: dict[str, object], doubt: Doubt
) -> None:
    visit = begun(cast)
    all_steps_done(cast, visit)
    with pytest.raises(ReasonNeeded):
        left(cast, visit, None, **changes)
    gone = left(cast, visit, None, **changes, reason=WHY)
    assert gone.doubts == [doubt]
    assert gone.out_scanned == (doubt is not Doubt.NO_CODE)


def test_doubts_of_arrival_and_departure_are_kept_together(cast: Cast) -> None:
    visit = begun(cast, place=None, reason=WHY)
    all_steps_done(cast, visit)
    gone = left(cast, visit, code="", reason=WHY)
    assert gone.doubts == [Doubt.NO_CODE, Doubt.NO_POSITION]
    assert Visit.objects.get().doubts == gone.doubts


def test_another_doors_code_does_not_end_a_visit(cast: Cast) -> None:
    visit = begun(cast)
    with pytest.raises(WrongElder):
        left(cast, visit, code=str(cast.neighbour.door_code), reason=WHY)
    assert Visit.objects.get().state == VisitState.SERVING


def test_leaving_again_returns_the_visit_as_it_is(cast: Cast) -> None:
    visit = begun(cast)
    all_steps_done(cast, visit)
    first = left(cast, visit)
    again = left(cast, visit, after=300, code="", place=None)
    assert (again.out_at, again.out_record) == (first.out_at, first.out_record)


@pytest.mark.parametrize("back", [timedelta(hours=2), timedelta(hours=5), timedelta(hours=30)])
def test_a_length_only_the_phone_knows_is_taken_and_holds_the_money(
    cast: Cast, back: timedelta
) -> None:
    sent = assigned(cast)
    with clock.moved_to(sent.starts_at + back), acting(cast.caregiver):
        visit = check_in(cast.caregiver, sent.pk, scan(cast, device_time=sent.starts_at))
        all_steps_done(cast, visit)
        gone = check_out(cast.caregiver, visit.pk, scan(cast, device_time=end_of(visit)))
    assert gone.minutes == gone.order.minutes
    assert Doubt.UNPROVED in gone.doubts
    assert Order.objects.get(pk=gone.order_id).held
    [length] = [one for one in evidence(gone) if one.name == "服务多久"]
    assert not length.holds


def other_visit(cast: Cast, starts: datetime) -> Visit:
    """Another visit of Li Fang the same day, begun as planned or at another time."""
    later = placed(cast, window_start=tomorrow(14), window_end=tomorrow(16))
    sent = assigned(cast, later)
    with clock.moved_to(max(starts, clock.now())), acting(cast.caregiver):
        return check_in(cast.caregiver, sent.pk, scan(cast, reason=WHY))


def test_who_has_not_left_one_door_is_asked_at_the_next(cast: Cast) -> None:
    begun(cast)
    sent = assigned(cast, placed(cast, window_start=tomorrow(14), window_end=tomorrow(16)))
    soon = Visit.objects.get().in_at + timedelta(seconds=1)
    with clock.moved_to(soon), acting(cast.caregiver):
        with pytest.raises(StillElsewhere, match="在王桂英家签到，还没签退。先到那一单签退"):
            check_in(cast.caregiver, sent.pk, scan(cast))
        assert Order.objects.get(pk=sent.order_id).state == OrderState.ASSIGNED
        taken = check_in(cast.caregiver, sent.pk, scan(cast, reason=WHY))
    assert Doubt.OVERLAP in taken.doubts


@pytest.mark.parametrize("after", [30, 90])
def test_nobody_is_at_two_doors_at_once(cast: Cast, after: int) -> None:
    first = begun(cast)
    all_steps_done(cast, first)
    second = other_visit(cast, first.in_at + timedelta(minutes=after))
    all_steps_done(cast, second)
    at_once = after < first.order.minutes
    for visit in (first, second):
        gone = left(cast, visit)
        assert (Doubt.OVERLAP in gone.doubts) == at_once
        assert Order.objects.get(pk=gone.order_id).held or not at_once


def test_a_visit_left_open_is_no_doubt_at_the_next(cast: Cast) -> None:
    first = begun(cast)
    all_steps_done(cast, first)
    second = other_visit(cast, first.in_at + timedelta(hours=5))
    all_steps_done(cast, second)
    assert Doubt.OVERLAP not in left(cast, second).doubts
    assert Doubt.OVERLAP in left(cast, first, after=8 * 60).doubts


@pytest.mark.parametrize("hours", [5, 96])
def test_a_departure_that_comes_late_says_so(cast: Cast, hours: int) -> None:
    visit = begun(cast)
    all_steps_done(cast, visit)
    ended = end_of(visit)
    gone = left(cast, visit, after=hours * 60, device_time=ended)
    assert gone.doubts == [Doubt.LATE_RECORD]
    assert (gone.out_at == ended) == (hours < 72)


def test_nobody_leaves_before_coming(cast: Cast) -> None:
    visit = begun(cast)
    all_steps_done(cast, visit)
    before = visit.in_at - timedelta(hours=1)
    gone = left(cast, visit, device_time=before, reason="手机时间不对")
    assert gone.out_at == visit.in_at
    assert Doubt.SHORT in gone.doubts


def test_a_visit_is_told(cast: Cast) -> None:
    visit = begun(cast, place=None, reason=WHY)
    [event] = [e for e in history("order", visit.order_id) if e.kind == "visit.checked_in"]
    assert event.payload == {"visit": visit.pk, "caregiver": "李芳", "doubts": ["no_position"]}


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DELETE FROM visits_visit", "Cannot delete"),
        ("UPDATE visits_visit SET out_at = in_at - interval '1 minute'", "visit_ends_after_begin"),
        ("UPDATE visits_visit SET state = 'lost'", "[Ii]nvalid"),
    ],
)
def test_the_database_keeps_a_visit_honest(cast: Cast, sql: str, words: str) -> None:
    begun(cast)
    refused(sql, words)


def test_a_visit_that_ended_never_begins_again(cast: Cast) -> None:
    visit = begun(cast)
    all_steps_done(cast, visit)
    left(cast, visit)
    refused("UPDATE visits_visit SET state = 'serving'", "[Ii]nvalid")


def test_the_program_may_record_for_the_demo(cast: Cast) -> None:
    found = assigned(cast)
    with clock.moved_to(found.starts_at):
        visit = check_in(SYSTEM, found.pk, Scan(uuid.uuid4(), reason="演示数据"))
    assert visit.doubts == [Doubt.NO_CODE, Doubt.NO_POSITION]
