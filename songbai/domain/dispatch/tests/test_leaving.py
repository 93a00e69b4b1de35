"""A caregiver has died, or has left: what she had to do goes to others."""

from datetime import timedelta

import pytest

from songbai.core import clock
from songbai.core.accounts.backends import PasswordBackend
from songbai.core.accounts.models import NumberDoubt
from songbai.core.errors import NotAllowed, NotFound
from songbai.core.events.models import Event
from songbai.core.events.registry import said
from songbai.core.reasons import ReasonMissing
from songbai.domain.dispatch import actions
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.queries import open_orders
from songbai.domain.dispatch.queries.days import told_on
from songbai.domain.dispatch.rules import AssignmentState
from songbai.domain.dispatch.tasks import caregiver_died, caregiver_lives
from songbai.domain.elders.actions.numbers import settle_doubt
from songbai.domain.elders.actions.passing import report_death
from songbai.domain.elders.models import Followed, FollowedState, Proxy
from songbai.domain.elders.tasks import bereaved
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from songbai.domain.providers.models import StaffMember
from tests.acts import assigned, begun, placed
from tests.cast import Cast, acting, bind, make_account, tomorrow

WHY = "家属来电，昨天去世"


def gone(cast: Cast, *, died: bool = True) -> int:
    with acting(cast.dispatcher):
        return actions.note_gone(cast.dispatcher, cast.staff.pk, WHY, died=died)


def test_visits_of_who_has_died_wait_for_others_and_families_are_told_kindly(cast: Cast) -> None:
    day = timedelta(days=1)
    later = placed(cast, window_start=tomorrow(9) + day, window_end=tomorrow(11) + day)
    rows = [assigned(cast), assigned(cast, later)]
    assert gone(cast) == 2
    assert {*Order.objects.values_list("state", flat=True)} == {OrderState.ACCEPTED}
    states = Assignment.objects.filter(pk__in=[row.pk for row in rows])
    assert {*states.values_list("state", flat=True)} == {AssignmentState.WITHDRAWN}
    told = Event.objects.filter(kind="assignment.dropped")
    assert told.count() == 2
    words = told.latest("id").payload
    assert (words["override"], WHY in str(words)) == ("护理员不再上门", False)
    with acting(cast.dispatcher):
        assert open_orders(cast.dispatcher, tomorrow(9).date()).count() == 1
        crew = told_on(cast.dispatcher, tomorrow(9).date(), {cast.provider.pk}).members
        assert cast.staff.pk not in {member.staff_id for member in crew}
        with pytest.raises(NotFound):
            actions.note_gone(cast.dispatcher, cast.staff.pk, WHY, died=True)


def test_where_she_is_in_a_house_somebody_is_asked_to_call(cast: Cast) -> None:
    visit = begun(cast)
    with clock.moved_to(visit.assignment.starts_at + timedelta(minutes=5)):
        assert gone(cast) == 0
    [left] = Followed.objects.all()
    assert (left.what, left.subject_id) == ("in_service", visit.order_id)
    assert Order.objects.get().state == OrderState.IN_SERVICE


def test_a_caregiver_who_died_and_acts_for_her_own_family_is_followed_there(cast: Cast) -> None:
    bind(cast.neighbour, cast.caregiver)
    gone(cast)
    bereaved(Event.objects.get(kind="account.died").pk)
    assert NumberDoubt.objects.get().account_id == cast.caregiver.account
    assert Followed.objects.get().elder_id == cast.neighbour.pk


def test_an_error_is_mended_and_visits_are_sent_again_by_hand(cast: Cast) -> None:
    row = assigned(cast)
    gone(cast, died=False)
    with acting(cast.dispatcher):
        actions.note_back(cast.dispatcher, cast.staff.pk, "听错了，是另一位")
        again = actions.assign(cast.dispatcher, row.order_id, cast.staff.pk, reason="还是她去")
    assert again.staff_id == cast.staff.pk
    kinds = [Event.objects.get(kind=kind) for kind in ("staff.gone", "staff.back")]
    assert [said(one.kind, one.payload) for one in kinds]


def test_it_takes_a_dispatcher_of_the_place_and_a_reason(cast: Cast) -> None:
    with acting(cast.dispatcher), pytest.raises(ReasonMissing):
        actions.note_gone(cast.dispatcher, cast.staff.pk, "走了", died=False)
    with acting(cast.far_dispatcher), pytest.raises(NotFound):
        actions.note_gone(cast.far_dispatcher, cast.staff.pk, WHY, died=True)
    with acting(cast.officer), pytest.raises(NotAllowed):
        actions.note_gone(cast.officer, cast.staff.pk, WHY, died=True)


def in_use(cast: Cast) -> bool:
    """Whether the caregiver's session goes on."""
    return PasswordBackend().get_user(cast.caregiver.account) is not None


def works(cast: Cast) -> bool:
    return StaffMember.objects.get(pk=cast.staff.pk).left_on is None


def last(kind: str) -> int:
    return Event.objects.filter(kind=kind).latest("pk").pk


def test_who_has_died_logs_in_no_more_and_again_when_it_was_an_error(cast: Cast) -> None:
    visit = begun(cast)
    with clock.moved_to(visit.assignment.starts_at + timedelta(minutes=5)):
        gone(cast)
        assert not in_use(cast)
        with acting(cast.dispatcher):
            actions.note_back(cast.dispatcher, cast.staff.pk, "听错了，是另一位")
    assert (in_use(cast), works(cast)) == (True, True)
    assert not Followed.objects.filter(state=FollowedState.TO_DO).exists()


def test_who_only_left_logs_in_still(cast: Cast) -> None:
    gone(cast, died=False)
    assert in_use(cast)
    assert not NumberDoubt.objects.exists()


def test_an_officer_who_finds_her_alive_gives_her_work_and_log_in_back(cast: Cast) -> None:
    gone(cast)
    doubt = NumberDoubt.objects.get()
    with acting(cast.officer):
        settle_doubt(cast.officer, doubt.pk, same=True, found="打过电话，本人接的")
    caregiver_lives(last("account.lives"))
    assert (in_use(cast), works(cast)) == (True, True)


def test_who_left_before_does_not_work_again_because_she_lives(cast: Cast) -> None:
    gone(cast, died=False)
    caregiver_died(_reported(cast))
    with acting(other := make_account("李局", cast.officer.kind, "500151")):  # type: ignore[arg-type]
        settle_doubt(other, NumberDoubt.objects.get().pk, same=True, found="打过电话核对")
    caregiver_lives(last("account.lives"))
    assert not works(cast)


def test_a_death_entered_of_a_relative_takes_the_caregiver_off_her_visits(cast: Cast) -> None:
    row = assigned(cast)
    caregiver_died(_reported(cast))
    row.refresh_from_db()
    assert (row.state, works(cast)) == (AssignmentState.WITHDRAWN, False)
    with acting(other := make_account("李局", cast.officer.kind, "500151")):  # type: ignore[arg-type]
        settle_doubt(other, NumberDoubt.objects.get().pk, same=True, found="打过电话核对")
    caregiver_lives(last("account.lives"))
    assert (in_use(cast), works(cast)) == (True, True)


def _reported(cast: Cast) -> int:
    """An officer says that the caregiver, who acts for the neighbour, has died."""
    bind(cast.neighbour, cast.caregiver)
    proxy = Proxy.objects.get(elder=cast.neighbour, account=cast.caregiver.account)
    with acting(cast.officer):
        report_death(cast.officer, cast.neighbour, proxy.pk, WHY)
    return last("account.died")
