"""How a month's results came about, as a timeline: facts, cycles, objections, who was told."""

from collections import defaultdict
from collections.abc import Iterable

from songbai.core import clock
from songbai.domain.benefits.actions.informing import WAYS
from songbai.domain.benefits.models import NoticeGiven, Objection, Payment
from songbai.domain.benefits.queries.explain import Explained
from songbai.domain.benefits.rules import telling
from songbai.domain.benefits.rules.cycle import State
from songbai.domain.benefits.rules.facts import yuan
from songbai.domain.benefits.rules.objection import Channel, Ground
from songbai.domain.benefits.rules.paying import PaymentState
from songbai.domain.elders.rules.kinds import REGISTER, source_words
from songbai.web.words import Moment

from .explaining import effect_words, place_name, policy_name


def trail_of(
    told: Explained,
    objections: Iterable[Objection],
    notices: Iterable[NoticeGiven],
    payments: Iterable[Payment] = (),
) -> list[Moment]:
    """How a month's results came about, newest first: facts, cycles, money, objections, notices."""
    steps = [*_facts_said(told), *_cycle_steps(told)]
    steps += [_paid(one) for one in payments if one.month == told.month.text]
    for one in objections:
        if one.month == told.month.text:
            steps += _objected(one)
    steps += [
        Moment(n.at, f"{n.by_name}{WAYS[n.way]}告诉了{n.listener}")
        for n in notices
        if n.month == told.month.text
    ]
    return sorted(dict.fromkeys(steps), key=lambda step: step.at or told.known_at, reverse=True)


def _facts_said(told: Explained) -> list[Moment]:
    """Facts that were used, each once, on the day they were observed."""
    steps = []
    for entry in told.entries:
        for reading in (r for f in entry.then.findings for r in f.readings):
            if reading.observed and reading.value is not None:
                source = source_words().get(reading.source, reading.source)
                said = "" if reading.source == REGISTER else "报"
                words = f"{source}{said}：{telling.named_words(reading, place_name)}"
                steps.append(Moment(clock.at(reading.observed, 0), words))
    return steps


def _cycle_steps(told: Explained) -> list[Moment]:
    """Steps of the cycles; what was done to several policies within a minute is one line."""
    steps, together = [], defaultdict(list)
    for entry in told.entries:
        if entry.cycle is None:
            continue
        for step in entry.cycle.steps.all():
            minute = step.at.replace(second=0, microsecond=0)
            who = step.by_name if step.by_id else ""
            together[minute, step.state, who].append(entry.policy.name)
        if not entry.agrees:
            words = f"{entry.policy.name}：按当时资料重算，和批次里记的不一样"
            steps.append(Moment(entry.cycle.opened_at, words, state="bad"))
    for (at, state, who), names in together.items():
        what = "、".join(names) if len(names) < 3 else f"{len(names)} 项待遇"
        steps.append(Moment(at, f"{who}{'：' if who else ''}{what}{State(state).words}"))
    return steps


def _paid(one: Payment) -> Moment:
    state = PaymentState(one.state)
    words = f"{policy_name(one.policy)} {yuan(one.amount)}：{state.words}"
    return Moment(
        one.paid_at or one.made_at, words, state="bad" if state is PaymentState.FAILED else "done"
    )


def _objected(one: Objection) -> list[Moment]:
    ground = Ground(one.ground).words
    steps = [Moment(one.raised_at, f"{Channel(one.channel).words}提异议：{ground}", state="now")]
    if one.answered_at:
        steps.append(Moment(one.answered_at, f"{one.taken_by}答复异议：{effect_words(one)}"))
    return steps
