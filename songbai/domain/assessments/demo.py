"""The demo's story of assessments: on every step of the way stands somebody."""

from datetime import timedelta
from uuid import UUID, uuid5

from django.db.models import Max

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import SYSTEM
from songbai.core.approvals.actions import vote
from songbai.core.approvals.rules import Verdict
from songbai.core.stages import Story, stage
from songbai.domain.elders.actions.corrections import Withdrawing, ask_withdrawal
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.actions.turning import follow_turns
from songbai.domain.elders.demo import key, people, subject
from songbai.domain.elders.models import Elder, Fact

from . import actions
from .actions import NewRequest, NewTap
from .models import Assessment, Assessor, Body
from .queries import answers_of, disagreements
from .rules.instrument import load
from .rules.process import Channel, State, drawn

INSTRUMENT = "gbt42195-2022"
#: When the two who log in go today; the first visit is the daughter's father-in-law's.
HOURS = ((9, 30), (14, 30))
#: How far others have come, and how many days ago they were asked for.
REACHED = (
    (State.ACCEPTED, 2), (State.ASSIGNED, 3), (State.BOOKED, 4), (State.UNDER_WAY, 6),
    (State.DONE, 7), (State.RECONCILED, 8), (State.IN_REVIEW, 9), (State.NOTICED, 12),
    (State.APPEALED, 14), (State.CANCELLED, 5), (State.BOOKED, 6), (State.ACCEPTED, 1),
)  # fmt: skip
#: The steps in which a visit has begun, in their order.
WAY = (State.UNDER_WAY, State.DONE, State.RECONCILED, State.IN_REVIEW, State.NOTICED,
       State.APPEALED)  # fmt: skip
WHY = ("家里说走路不如以前了", "摔过一次以后起床要人扶", "出院回家，要人照料", "记性明显差了")


@stage("assessments", words="今天的评估")
def tell(story: Story) -> None:
    """The named pair goes out today, others are on every step, oversight has noticed a body."""
    body = Body.objects.get(pk=story.actors["body"].organisation)
    team = _team(story, body)
    assessed = Assessment.objects.filter(current=True, instrument=INSTRUMENT)
    others = people(story, 200, ability_level__gte=1, assessments__in=assessed)[2::5]
    for place, (hour, minute) in enumerate(HOURS):
        elder = others.pop() if place else subject(story, "father")
        found = _ask(story, elder, 1, place)
        with story.ago(1, 11):
            actions.assign(SYSTEM, found.pk, body.pk)
            actions.choose_team(SYSTEM, found.pk, [one.pk for one in team])
            actions.book(SYSTEM, found.pk, clock.at(story.today, hour, minute))
    bodies = Body.objects.filter(region_id=body.region_id).exclude(pk=body.pk).order_by("pk")
    for place, (elder, (state, days)) in enumerate(zip(others, REACHED, strict=False)):
        _reach(story, _ask(story, elder, days, place, state), bodies[place % 3], state, days)
    for elder in others[len(REACHED) :][:1]:
        _taken_back(story, elder)
    with story.ago(1, 2):
        actions.notice_outliers(SYSTEM, story.region, INSTRUMENT)


def _taken_back(story: Story, elder: Elder) -> None:
    """Somebody waiting for an assessment was said to have died: two officers take it back, and
    whether it begins anew waits for one.
    """
    _ask(story, elder, 4, 0)
    with story.ago(3, 9):
        day = str(clock.today() - timedelta(days=1))
        record_facts(SYSTEM, elder, [NewFact("death", day, "mistaken")], source="gongan")
        follow_turns(SYSTEM)
    with story.ago(2, 10):
        fact = Fact.objects.get(elder=elder, kind="death", source_id="mistaken")
        why, proof = "派出所把同名的人登记错了", "派出所更正证明"
        wanted = Withdrawing(key("withdrawal"), fact.pk, why, proof)
        asked = ask_withdrawal(story.actors["officer"], elder, wanted)
    with story.ago(1, 15):
        vote(story.actors["checker"], asked.pk, Verdict.YES)
        follow_turns(SYSTEM)


def _team(story: Story, body: Body) -> list[Assessor]:
    """The two who log in: a nurse and another."""
    pair = [story.actors["assessor"], story.actors["second_assessor"]]
    return [
        actions.register_assessor(
            SYSTEM,
            body,
            name=actor.name,
            number=f"A{story.region}{place + 1:02d}",
            medical=place == 0,
            certificate="老年人能力评估师（高级）",
            certificate_until=clock.today() + timedelta(days=900),
            account=Account.objects.get(pk=actor.account),
        )
        for place, actor in enumerate(pair)
    ]


def _ask(
    story: Story, elder: Elder, days: int, place: int, state: State = State.BOOKED
) -> Assessment:
    """The village asks; who is to be reviewed has a key that the draw picks."""
    wanted = key("assessment", elder.pk)
    if state is State.IN_REVIEW:
        wanted = _picked(wanted)
    with story.ago(days, 9, place):
        new = NewRequest(elder, INSTRUMENT, Channel.VILLAGE, wanted, reason=WHY[place % len(WHY)])
        return actions.request(SYSTEM, new)


def _picked(wanted: UUID) -> UUID:
    number = (Assessment.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    percent = load(INSTRUMENT).process.review_percent
    while not drawn(str(wanted), number, percent):
        wanted = uuid5(wanted, "again")
    return wanted


def _reach(story: Story, found: Assessment, body: Body, state: State, days: int) -> None:
    """Take an assessment to where it stands today; the visit was two days after the request."""
    if state in {State.ACCEPTED, State.CANCELLED}:
        if state is State.CANCELLED:
            with story.ago(days - 1):
                actions.cancel(SYSTEM, found.pk, "老人去外地子女家，回来再约")
        return
    with story.ago(days, 14):
        actions.assign(SYSTEM, found.pk, body.pk)
    if state is State.ASSIGNED:
        return
    visit = days - 2 if state in WAY else -1
    with story.ago(days, 15):
        start = clock.at(story.today - timedelta(days=visit), 9 + found.pk % 7)
        actions.book(SYSTEM, found.pk, start)
    if state in WAY:
        with clock.moved_to(start + timedelta(minutes=50)):
            _fill(found, whole=state is not State.UNDER_WAY)
        with clock.moved_to(start + timedelta(hours=4)):
            _decide(found, WAY.index(state))
        if state is State.APPEALED:
            with story.ago(2, 17):
                actions.appeal(SYSTEM, found.pk, "老人夜里要人翻身，觉得评轻了")


def _fill(found: Assessment, *, whole: bool) -> None:
    """Both sheets as last time, one item a step worse for the second; or half of the first."""
    standing = Assessment.objects.filter(elder=found.elder, current=True).exclude(pk=found.pk)
    answers = answers_of(standing.latest("concluded_at"))
    worse = next(c for c, v in answers.items() if c.startswith("B.") and v and v > 1)
    sheets = list(found.sheets.filter(active=True).order_by("id"))
    for place, sheet in enumerate(sheets if whole else sheets[:1]):
        said = answers | ({worse: answers[worse] - 1} if place else {})
        rows = list(said.items())[: None if whole else len(said) // 2]
        begin = clock.now() - timedelta(minutes=45)
        taps = [
            NewTap(uuid5(found.key, f"{place}-{code}"), code, value, "demo",
                   begin + timedelta(seconds=40 * n))
            for n, (code, value) in enumerate(rows)
        ]  # fmt: skip
        actions.save_taps(SYSTEM, sheet.pk, taps)
        if whole:
            actions.finish(SYSTEM, sheet.pk)


def _decide(found: Assessment, way: int) -> None:
    """The steps after the sheets, as many as were gone."""
    found.refresh_from_db()
    if way >= WAY.index(State.RECONCILED):
        agreed = {one.code: one.values[0] for one in disagreements(found)}
        actions.reconcile(SYSTEM, found.pk, agreed)
    if way >= WAY.index(State.IN_REVIEW):
        actions.sign(SYSTEM, found.pk, name="照料老人的女儿", relation="女儿")
        actions.advance(SYSTEM, found.pk)
