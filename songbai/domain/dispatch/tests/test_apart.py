"""No two visits of one elder are planned for one time, of whichever providers."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from songbai.core import clock
from songbai.domain.dispatch.actions import draft, move, plan, redraft
from songbai.domain.dispatch.models import Assignment
from songbai.domain.dispatch.planner.apart import Block, parted
from songbai.domain.dispatch.queries.hands import choice_for
from songbai.domain.dispatch.queries.plans import line_of
from songbai.domain.dispatch.rules import AssignmentState
from tests.acts import assigned, placed
from tests.cast import Cast, acting


def block(order: int, earliest: int, latest: int, minutes: int) -> Block:
    return Block(order, earliest, latest, minutes)


BLOCKS = st.builds(
    lambda earliest, width, minutes, fixed: Block(
        0, earliest, earliest if fixed else earliest + width, minutes, fixed
    ),
    st.integers(420, 1100),
    st.integers(0, 240),
    st.integers(5, 150),
    st.booleans(),
)


@given(st.lists(BLOCKS, max_size=7))
def test_whoever_begins_when_in_the_windows_no_two_meet(blocks: list[Block]) -> None:
    own = [Block(n, b.earliest, b.latest, b.minutes, b.fixed) for n, b in enumerate(blocks)]
    found = parted(own)
    for one in own:
        if one.order_id in found:
            begin, end = found[one.order_id]
            assert one.earliest <= begin <= end <= one.latest
        for other in own:
            if one.order_id < other.order_id and {one.order_id, other.order_id} <= set(found):
                if one.fixed and other.fixed:
                    continue
                first, second = sorted((one, other), key=lambda b: found[b.order_id])
                assert found[first.order_id][1] + first.minutes <= found[second.order_id][0]


def test_two_of_one_window_halve_it_and_one_alone_keeps_it() -> None:
    assert parted([block(1, 480, 600, 60)]) == {1: (480, 600)}
    assert parted([block(1, 480, 600, 60), block(2, 480, 600, 60)]) == {
        1: (480, 510), 2: (570, 600),
    }  # fmt: skip
    assert parted([block(1, 480, 540, 30), block(2, 780, 840, 30)]) == {
        1: (480, 540), 2: (780, 840),
    }  # fmt: skip


def test_three_of_one_morning_share_its_slack() -> None:
    morning = [block(n, 480, 720, 60) for n in (1, 2, 3)]
    assert parted(morning) == {1: (480, 520), 2: (580, 620), 3: (680, 720)}


def test_what_is_ordered_for_one_time_stays_as_it_was_asked_for() -> None:
    assert set(parted([block(1, 480, 510, 120), block(2, 480, 510, 120)])) == {1}


def test_what_is_told_stays_and_others_go_round_it() -> None:
    told = Block(1, 560, 560, 60, fixed=True)
    assert parted([block(2, 480, 600, 100), told])[1] == (560, 560)
    assert 2 not in parted([block(2, 480, 600, 100), told])
    assert parted([block(2, 480, 640, 100), told])[2] == (620, 640)
    assert parted([block(2, 480, 600, 60), told])[2] == (480, 500)


def test_a_day_is_planned_without_two_at_one_door(cast: Cast) -> None:
    for _ in range(2):
        placed(cast)
    day = clock.today() + timedelta(days=1)
    with acting(cast.dispatcher):
        made = draft(cast.dispatcher, day)
        drafted = made.lines.order_by("starts_at").values_list("starts_at", "order__minutes")
        plan(cast.dispatcher, day)
    (first, minutes), (second, _) = ((at, n) for at, n in drafted if at)
    assert first + timedelta(minutes=minutes) <= second
    sent = Assignment.objects.filter(state=AssignmentState.ACTIVE).order_by("starts_at")
    one, other = (row.during for row in sent)
    assert one.upper <= other.lower


def test_by_hand_too_the_first_suggestion_meets_no_other_visit(cast: Cast) -> None:
    first, second = placed(cast), placed(cast)
    sent = assigned(cast, first)
    with acting(cast.dispatcher):
        choice = choice_for(cast.dispatcher, second)
    midnight = clock.day_bounds(clock.today() + timedelta(days=1))[0]
    assert choice.candidates
    for candidate, _ in choice.candidates:
        begin = midnight + timedelta(minutes=candidate.start)
        end = begin + timedelta(minutes=second.minutes)
        assert end <= sent.during.lower or begin >= sent.during.upper


def test_what_a_dispatcher_fixes_in_a_draft_moves_the_others_away(cast: Cast) -> None:
    first, second = placed(cast), placed(cast)
    day = clock.today() + timedelta(days=1)
    with acting(cast.dispatcher):
        made = draft(cast.dispatcher, day)
        line = line_of(made, str(first.pk))
        at = 9 * 60 + 15
        move(cast.dispatcher, made.pk, str(first.pk), line.staff_id or 0, at)
        again = redraft(cast.dispatcher, made.pk)
        one, other = (line_of(again, str(order.pk)) for order in (first, second))
    assert one.starts_at == clock.at(day, 9, 15)
    assert other.starts_at is None or other.starts_at >= one.starts_at + timedelta(
        minutes=first.minutes
    )
