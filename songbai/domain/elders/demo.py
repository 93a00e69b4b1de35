"""The demo's story in the register: sources that disagree, corrections, family, consents."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.approvals.actions import vote
from songbai.core.approvals.rules import Verdict
from songbai.core.exports.rules import ExportFormat
from songbai.core.stages import Story, stage

from .actions.consents import say
from .actions.corrections import Correction, ask_correction
from .actions.erasure import ask_erasure, place_hold
from .actions.exporting import ElderList, export_elders
from .actions.facts import NewFact, decide_conflict, record_facts
from .actions.family import ask_guardian, invite_relative
from .actions.numbers import report_other_name
from .models import Conflict, CurrentFact, Elder
from .rules.consents import purposes
from .rules.family import Invitation

#: What a department says of somebody the village (or the assessment) knows otherwise.
DISAGREES = (
    ("minzheng", "living", "in_institution"),
    ("minzheng", "living", "with_children"),
    ("minzheng", "ability_level", "3"),
    ("gongan", "residence", "500112001001"),
)
PEOPLE = 3
"""People of each disagreement; of the first of each an officer has decided."""
RELATIVE = Invitation(
    name="陈榆", phone="12000009001", relation="孙辈", order=True, money=False, days=365
)
GUARDIAN = Invitation(
    name="李杉", phone="12000009002", relation="亲戚", order=True, money=True, days=730
)
#: Whose number somebody else says to have now.
BOUND = Invitation(
    name="杨柏", phone="12000009003", relation="亲戚", order=True, money=True, days=730
)


def people(story: Story, count: int, **which: object) -> list[Elder]:
    """The first living people of the district but those the story is about, from its place on."""
    living = Elder.objects.filter(**story.inside, died_on=None, merged_into=None)
    told = living.exclude(pk__in=story.subjects.values())
    return list(told.filter(**which).order_by("id")[:count])


def subject(story: Story, name: str) -> Elder:
    """Somebody the story is about."""
    return Elder.objects.get(pk=story.subjects[name])


def key(*parts: object) -> UUID:
    """The same number whenever the story is told."""
    return uuid5(NAMESPACE_URL, "songbai-demo-" + "-".join(map(str, parts)))


@stage("register", words="说法、更正和授权")
def tell(story: Story) -> None:
    """Everything an officer, a family and a village do with the register."""
    _disagreements(story)
    _corrections(story)
    _family(story)
    _leaving(story)


def _disagreements(story: Story) -> None:
    """Two trusted sources disagree; an officer looks at each, and has decided some."""
    known = {"living": "living_alone"}
    recent = clock.now() - timedelta(days=365)  # what has grown stale is disputed by nobody
    assessed = CurrentFact.objects.filter(kind="ability_level", observed_at__gt=recent)
    for source, kind, value in DISAGREES:
        which: dict[str, object] = {"ability_level__in": (1, 2), "pk__in": assessed.values("elder")}
        if kind in known:
            which = {"living": known[kind]}
        chosen = people(story, 60, **which)[len(value) :: 9][:PEOPLE]
        for place, elder in enumerate(chosen):
            with story.ago(5 - place):
                if kind == "residence":
                    said = [NewFact(kind, elder.region_id)]
                    record_facts(SYSTEM, elder, said, source="village")
                record_facts(SYSTEM, elder, [NewFact(kind, value)], source=source)
        decided = Conflict.objects.filter(kind=kind, elder__in=chosen[:1]).first()
        if decided is not None:
            with story.ago(1, 15):
                decide_conflict(
                    story.actors["officer"],
                    decided.pk,
                    source=source,
                    reason="已打电话向家属核实，和单位说的一致",
                )


def _asked(story: Story) -> Iterator[tuple[str, Elder, str, str, str]]:
    """Who asks for what correction: actor, elder, kind, value, why."""
    mother, father = subject(story, "mother"), subject(story, "father")
    yield "daughter", father, "living", "with_children", "上个月搬来和我们一起住了"
    yield "daughter", mother, "pension", "resident", "一直领的是城乡居民养老金"
    neighbours = people(story, 40)[7::11]
    for elder in neighbours:
        yield "town_officer", elder, "living", "living_alone", "老伴今年春天去世，现在一个人住"


def _corrections(story: Story) -> None:
    for place, (who, elder, kind, value, why) in enumerate(_asked(story)):
        if not elder.region_id.startswith(story.actors[who].region or ""):
            continue
        with story.ago(6 - place % 5, 9 + place):
            wanted = Correction(key("correction", elder.pk), kind, value, why)
            asked = ask_correction(story.actors[who], elder, wanted)
        if place == 1:
            with story.ago(2, 16):
                vote(story.actors["officer"], asked.pk, Verdict.YES)
        if place == 3:
            with story.ago(1, 11):
                vote(
                    story.actors["checker"], asked.pk, Verdict.NO, "村上说还和女儿一起住，请再问问"
                )


def _family(story: Story) -> None:
    """A grandson is let in, a guardian waits for a second officer, consents were signed."""
    mother, officer = subject(story, "mother"), story.actors["officer"]
    with story.ago(2, 19):
        invite_relative(story.actors["daughter"], mother, key("relative"), RELATIVE)
    with story.ago(3, 10):
        wards = people(story, 2, ability_level=4)
        asked = [
            ask_guardian(officer, ward, key("guardian", who.phone), who, "指定监护决定")
            for ward, who in zip(wards, (GUARDIAN, BOUND), strict=False)
        ]
    for ward, proposal in [*zip(wards, asked, strict=True)][1:]:
        with story.ago(2, 16):
            vote(story.actors["checker"], proposal.pk, Verdict.YES)
        with story.ago(1, 9):
            note = "到窗口的人说这个号码现在是他在用"
            report_other_name(officer, ward, BOUND.phone, note)
    with story.ago(40, 10):
        for purpose in list(purposes().values())[:2]:
            signed = "老人签字的同意书"
            say(officer, mother, purpose.code, given=True, version=purpose.version, proof=signed)


def _leaving(story: Story) -> None:
    """A record to be erased, one that must be kept, and a list that was taken out."""
    officer = story.actors["officer"]
    gone, kept = people(story, 30)[20:22]
    with story.ago(4, 14):
        ask_erasure(officer, gone, key("erasure"), "随子女迁往外省，本人书面要求清除")
        place_hold(officer, kept, "继承纠纷，法院调取材料")
    with story.ago(7, 9):
        rows = Elder.objects.filter(region_id=story.place, living="living_alone")
        asked = ElderList(frozenset(), "入冬前走访独居老人", ExportFormat.XLSX, "独居")
        if rows.exists():
            export_elders(officer, rows, asked, "/bureau/elders/export/")
