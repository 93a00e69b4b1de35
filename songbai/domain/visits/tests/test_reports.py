"""What a caregiver says from the door: nobody opens, the elder is unwell."""

import uuid
from datetime import timedelta

import pytest

from songbai.core import clock
from songbai.core.errors import NotAllowed, NotFound
from songbai.core.events.models import Event
from songbai.core.events.registry import said
from songbai.core.reasons import ReasonMissing
from songbai.domain.dispatch.models import Assignment
from songbai.domain.orders.actions import confirm
from songbai.domain.orders.errors import TooLate
from songbai.domain.orders.models import Order
from songbai.domain.visits.actions import check_in, look, record_step, report, see_to
from songbai.domain.visits.errors import NotDueYet, WhereMissing
from songbai.domain.visits.models import Report
from songbai.domain.visits.queries import asked_steps, open_reports
from songbai.domain.visits.rules import EARLY, Trouble, Where
from tests.acts import all_steps_done, assigned, begun, left, placed, scan
from tests.cast import Cast, acting, tomorrow

pytestmark = [pytest.mark.django_db, pytest.mark.long]
#: The hands of the moved clock run on.
MINUTE = timedelta(minutes=1)


def says(cast: Cast, sent: Assignment, kind: Trouble, note: str = "") -> Report:
    with clock.moved_to(sent.starts_at), acting(cast.caregiver):
        return report(cast.caregiver, sent.pk, kind, record=uuid.uuid4(), note=note)


def told(kind: str) -> str:
    event = Event.objects.filter(kind=kind).latest("id")
    return said(kind, event.payload, "family")


def test_nobody_opens_is_for_the_desk_and_told_at_home_once(cast: Cast) -> None:
    sent = assigned(cast)
    first = says(cast, sent, Trouble.NO_ANSWER, "灯亮着")
    assert says(cast, sent, Trouble.NO_ANSWER) == first
    for actor, seen in ((cast.dispatcher, 1), (cast.officer, 1), (cast.far_dispatcher, 0)):
        with acting(actor):
            assert open_reports(actor).count() == seen
    assert told("visit.reported").startswith("护理员李芳到了门口，没人开门")


def test_who_opens_after_all_is_served_and_the_money_waits(cast: Cast) -> None:
    sent = assigned(cast)
    says(cast, sent, Trouble.NO_ANSWER)
    visit = begun(cast, sent)
    assert not Report.objects.filter(seen_at=None).exists()
    assert "没人开门的事处理了：门开了，护理员签到了" in told("visit.report_seen")
    all_steps_done(cast, visit)
    left(cast, visit)
    order = Order.objects.get()
    assert (order.held, order.confirm_due) == (True, None)
    with acting(cast.daughter):
        confirm(cast.daughter, order.pk)
    assert Order.objects.get().held
    with acting(cast.dispatcher):
        look(cast.dispatcher, order.pk, given=True, reason="女儿说是耳背没听见")
    assert not Order.objects.get().held


def test_while_somebody_is_unwell_steps_wait_until_it_was_seen_to(cast: Cast) -> None:
    visit = begun(cast)
    said_so = says(cast, visit.assignment, Trouble.UNWELL, "头晕")
    step = asked_steps(visit)[0]
    assert "老人不舒服：头晕" in told("visit.reported")
    with acting(cast.caregiver), pytest.raises(TooLate, match="先停下来"):
        record_step(cast.caregiver, visit.pk, step.code, done=True)
    with acting(cast.dispatcher):
        with pytest.raises(ReasonMissing):
            see_to(cast.dispatcher, said_so.pk, "好")
        see_to(cast.dispatcher, said_so.pk, "休息后好了，女儿在旁边")
        assert not open_reports(cast.dispatcher).exists()
        with pytest.raises(TooLate):
            see_to(cast.dispatcher, said_so.pk, "又处理了一次")
    assert "休息后好了" in told("visit.report_seen")
    all_steps_done(cast, visit)
    left(cast, visit)
    assert Order.objects.get().held


def test_who_checks_in_without_a_code_leaves_the_report_open(cast: Cast) -> None:
    sent = assigned(cast)
    says(cast, sent, Trouble.NO_ANSWER)
    begun(cast, sent, code="", reason="码坏了，敲开了门")
    assert Report.objects.filter(seen_at=None).exists()


def test_who_breaks_off_has_left_and_not_done_all(cast: Cast) -> None:
    visit = begun(cast)
    left(cast, visit, reason="老人不愿意")
    assert "走了，已签退" in told("visit.checked_out")


def test_it_is_said_on_the_day_by_whose_visit_it_is(cast: Cast) -> None:
    sent = assigned(cast)
    with acting(cast.caregiver), pytest.raises(NotDueYet):
        report(cast.caregiver, sent.pk, Trouble.NO_ANSWER, record=uuid.uuid4())
    with clock.moved_to(sent.starts_at):
        for actor, error in ((cast.other_caregiver, NotFound), (cast.daughter, NotAllowed)):
            with acting(actor), pytest.raises(error):
                report(actor, sent.pk, Trouble.UNWELL, record=uuid.uuid4())
    late = sent.starts_at + timedelta(days=1)
    with clock.moved_to(late), acting(cast.caregiver), pytest.raises(TooLate):
        report(cast.caregiver, sent.pk, Trouble.UNWELL, record=uuid.uuid4())


def test_nobody_opens_is_taken_when_somebody_is_awaited(cast: Cast) -> None:
    sent = assigned(cast)
    for before, taken in ((timedelta(hours=9), False), (EARLY + MINUTE, False), (EARLY, True)):
        with clock.moved_to(sent.starts_at - before), acting(cast.caregiver):
            if taken:
                report(cast.caregiver, sent.pk, Trouble.NO_ANSWER, record=uuid.uuid4())
            else:
                with pytest.raises(NotDueYet, match="先打电话问老人"):
                    report(cast.caregiver, sent.pk, Trouble.NO_ANSWER, record=uuid.uuid4())
        assert Report.objects.exists() == taken


def test_who_is_not_there_yet_says_where_she_knows_it_from(cast: Cast) -> None:
    sent = assigned(cast)
    with clock.moved_to(sent.starts_at - timedelta(hours=2)), acting(cast.caregiver):
        with pytest.raises(WhereMissing, match="电话里听说的"):
            report(cast.caregiver, sent.pk, Trouble.UNWELL, record=uuid.uuid4())
        heard = report(
            *(cast.caregiver, sent.pk, Trouble.UNWELL), record=uuid.uuid4(), where=Where.PHONE
        )
    assert heard.words == "老人不舒服（电话里听说的）"
    assert told("visit.reported").startswith("护理员李芳在电话里听说老人不舒服。请马上")


def test_who_is_at_anothers_says_where_she_knows_it_from(cast: Cast) -> None:
    visit = begun(cast)
    other = assigned(cast, placed(cast, window_start=tomorrow(14), window_end=tomorrow(16)))
    with pytest.raises(WhereMissing):
        says(cast, other, Trouble.UNWELL)
    assert says(cast, visit.assignment, Trouble.UNWELL).where == Where.DOOR


def test_once_inside_nobody_says_that_nobody_opened(cast: Cast) -> None:
    visit = begun(cast)
    with pytest.raises(TooLate, match="已经签到"):
        says(cast, visit.assignment, Trouble.NO_ANSWER)


@pytest.mark.parametrize("name", ["provider_staff", "daughter", "caregiver"])
def test_only_desk_and_office_see_to_it(cast: Cast, name: str) -> None:
    found = says(cast, assigned(cast), Trouble.NO_ANSWER)
    actor = getattr(cast, name)
    with acting(actor), pytest.raises(NotAllowed):
        see_to(actor, found.pk, "问过家里了")
    with acting(cast.far_dispatcher), pytest.raises(NotFound):
        see_to(cast.far_dispatcher, found.pk, "问过家里了")


def test_a_record_kept_on_the_phone_still_comes_after_the_day(cast: Cast) -> None:
    sent = assigned(cast)
    with clock.moved_to(sent.starts_at + timedelta(days=2)), acting(cast.caregiver):
        late = scan(cast, device_time=sent.starts_at)
        assert check_in(cast.caregiver, sent.pk, late).in_at == sent.starts_at
