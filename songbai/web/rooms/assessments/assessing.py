"""An assessment in words: its result line by line, its answers, what happens next, its letter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string

from songbai.core import clock
from songbai.domain.assessments.models import Assessment, AssessorAnswers, Notice
from songbai.domain.assessments.queries import instrument_of, result_of
from songbai.domain.assessments.rules.answers import Difference, ImpossibleAnswers, position
from songbai.domain.assessments.rules.gate import judge
from songbai.domain.assessments.rules.instrument import Instrument, load, load_all
from songbai.domain.assessments.rules.process import State
from songbai.domain.assessments.rules.scoring import Result
from songbai.domain.elders.rules import mask_name
from songbai.web.asked import Several
from songbai.web.letters import answer, day_of, pdf
from songbai.web.letters import office_of as office

#: What an instrument is called where people choose one, by the fact it finds.
ASKED_WORDS = {"ability_level": "能力评估", "ltci_grade": "长护险失能评估"}
#: For whom each is, in one sentence.
MEANT_FOR = {
    "ability_level": "看老人哪些事自己能做、哪些要帮。结果用来核定养老服务补贴、额度和床位。",
    "ltci_grade": "参加了长期护理保险、失能半年以上的人申请。要先做 6 项自评。",
}


def name_of(instrument: Instrument) -> str:
    """能力评估, 长护险失能评估; the title of any other instrument."""
    return ASKED_WORDS.get(instrument.fact or "", instrument.title)


def standard_words(instrument: Instrument) -> str:
    """GB/T 42195-2022; a document whose number names its year stays as it is."""
    named = instrument.version in instrument.standard
    return instrument.standard if named else f"{instrument.standard}-{instrument.version}"


def askable() -> list[Instrument]:
    """Instruments somebody may ask for, those that decide something first."""
    current = [one for one in load_all().values() if not one.retired]
    return sorted(current, key=lambda one: (one.fact is None, one.fact or "", one.code))


def chosen(code: str) -> Instrument | None:
    """The instrument with this code if it can be asked for."""
    return next((one for one in askable() if one.code == code), None)


@dataclass(frozen=True)
class Explained:
    """A result that can be followed line by line. ``lines``: each section, its score, the highest,
    and the grade where sections are graded. ``changes``: why a rule applied, the level before and
    after it. ``total`` decides only where ``by_total``.
    """

    lines: list[tuple[str, int, int, str]]
    total: int
    highest: int
    by_total: bool
    initial: str
    changes: list[tuple[str, str, str]]
    final: str
    level: int
    meaning: str
    verified: bool


def explained(assessment: Assessment) -> Explained | None:
    """The agreed result in words; None before the assessors agreed."""
    result = result_of(assessment)
    if result is None:
        return None
    instrument = instrument_of(assessment)
    level = instrument.level(result.final_level)
    return Explained(
        lines=[
            (one.name, result.scores[one.code], one.max, _grade(instrument, result, one.code))
            for one in instrument.sections
        ],
        total=result.total,
        highest=instrument.highest_total(),
        by_total=instrument.scoring.method == "sum",
        initial=instrument.level(result.initial_level).name,
        changes=[
            (one.reason, instrument.level(one.before).name, instrument.level(one.after).name)
            for one in result.changes
        ],
        final=level.name,
        level=result.final_level,
        meaning=level.meaning,
        verified=result.verified,
    )


def _grade(instrument: Instrument, result: Result, code: str) -> str:
    if instrument.scoring.method == "sum" or code not in result.grades:
        return ""
    bands = instrument.scoring.grades[code]
    return next(band.name for band in bands if band.grade == result.grades[code])


def level_words(assessment: Assessment) -> str:
    """能力中度受损（2 级）; empty before there is a level."""
    if assessment.final_level is None:
        return ""
    level = instrument_of(assessment).level(assessment.final_level)
    return f"{level.name}（{level.level} 级）"


@dataclass(frozen=True)
class AnswerLine:
    """One item or background field: what each assessor found, and what was agreed."""

    code: str
    name: str
    found: list[str]
    agreed: str
    differs: bool


def answer_blocks(
    instrument: Instrument,
    sheets: list[AssessorAnswers],
    agreed: Mapping[str, Any],
    differences: list[Difference],
) -> list[tuple[str, list[AnswerLine]]]:
    """Both sheets beside each other, by section or background table, in the order of the form;
    background nobody filled is left out.
    """
    apart = {one.code for one in differences}

    def line(code: str, name: str) -> AnswerLine:
        found = [value_words(instrument, code, sheet.answers.get(code)) for sheet in sheets]
        return AnswerLine(
            code, name, found, value_words(instrument, code, agreed.get(code)), code in apart
        )

    blocks = [
        (section.name, [line(one.code, one.name) for one in section.items])
        for section in instrument.sections
    ]
    given = {code for sheet in sheets for code in sheet.answers} | set(agreed)
    for table in instrument.background:
        lines = [line(one.code, one.name) for one in table.fields if one.code in given]
        blocks += [(table.name, lines)] if lines else []
    return blocks


def value_words(instrument: Instrument, code: str, value: object) -> str:
    """An answer as a reader understands it: the option with its points, 是, 跌倒 2 次."""
    if value is None or value == "":
        return "没有填"
    item = instrument.items.get(code)
    place = position(item, value) if item else None
    if item and place is not None:
        if item.number:
            return f"{place} 分"
        option = item.options[place]
        return f"{option.points} 分 · {option.text}"
    field = instrument.fields.get(code)
    if field and field.unit and not isinstance(value, bool | Mapping | list):
        return f"{value} {field.unit}"
    return _plain_words(value)


def _plain_words(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        counted = [f"{name} {count} 次" for name, count in value.items() if count]
        return "、".join(counted) or "没有"
    if isinstance(value, list):
        return "、".join(map(str, value)) or "没有"
    return str(value)


def gate_lines(instrument: Instrument, given: Mapping[str, str]) -> list[dict[str, Any]]:
    """The self-assessment as a form: code, question, choices, what was chosen."""
    gate = instrument.gate
    if gate is None:
        return []
    return [
        {
            "code": one.code,
            "name": one.name,
            "choices": gate.choices,
            "value": given.get(one.code, ""),
        }
        for one in (*gate.row_items, *gate.column_items)
    ]


def gate_given(instrument: Instrument, sent: Mapping[str, str]) -> dict[str, str] | None:
    """What was chosen in the self-assessment; None for an instrument without one.

    Raises Several naming each line that is missing.
    """
    if instrument.gate is None:
        return None
    given = {one["code"]: str(sent.get(one["code"], "")) for one in gate_lines(instrument, {})}
    try:
        judge(instrument, {code: value for code, value in given.items() if value})
    except ImpossibleAnswers as error:
        raise Several((f"g-{one.item}", one.problem) for one in error.problems) from error
    return given


_NEXT = {
    State.REQUESTED: "已收到申请。",
    State.REFUSED: "按自评结果，现在还不符合申请条件。身体情况有变化可以再申请，"
    "不同意可以拨 12349，请村（社区）帮忙核对。",
    State.ACCEPTED: "正在安排评估机构，安排好会约上门的时间。",
    State.ASSIGNED: "已安排评估机构，评估员会打电话约时间。",
    State.BOOKED: "已约好时间。请了解老人情况的家人在场，准备好病历和身份证。",
    State.UNDER_WAY: "两位评估员正在评估。",
    State.DONE: "上门评估做完了，两位评估员正在核对。",
    State.RECONCILED: "两位评估员的意见一致了，等提供情况的人签字。",
    State.SIGNED: "已签字，正在核对结果。",
    State.IN_REVIEW: "这次评估被随机抽中，另一家机构正在复核。",
    State.PUBLICISED: "结果正在公示，没有异议就生效。",
    State.NOTICED: "结果出来了。",
    State.APPEALED: "已申诉，由另一家机构重新评估。重新评估出结果以前，原来的结果照用。",
    State.FINAL: "这是最终结果。",
    State.CANCELLED: "这次评估已取消。",
}


def next_words(assessment: Assessment) -> str:
    """What is going on and what comes next, in plain words."""
    if assessment.stopped_at:
        return f"已暂停：{assessment.stop_reason}。恢复后从停下的地方接着办。"
    return _NEXT[State(assessment.state)]


def is_verified(assessment: Assessment) -> bool:
    """Whether nothing the page says rests on an unverified table."""
    instrument = load(assessment.instrument)
    return assessment.verified if assessment.final_level is not None else instrument.verified


TITLE = "评估结果告知书"
#: Who stands at the foot of a letter, by the fact its instrument finds.
_OFFICES = {"ability_level": "民政局", "ltci_grade": "医疗保障局"}


def result_letter(notice: Notice, assessment: Assessment) -> str:
    """The HTML of a result letter, from the words that were sent; the name is masked as printed."""
    return render_to_string("letters/result.html", _values(notice, assessment))


def _values(notice: Notice, assessment: Assessment) -> dict[str, Any]:
    instrument = instrument_of(assessment)
    return {
        "letter": notice.letter,
        "number": assessment.number,
        "who": mask_name(assessment.elder.name),
        "standard": f"《{instrument.title}》（{standard_words(instrument)}）",
        "body": assessment.body.name if assessment.body else "",
        "day": day_of(notice.issued_at.astimezone(clock.SHANGHAI).date()),
        "office": office(assessment.region_id, _OFFICES.get(instrument.fact or "", "民政局")),
    }


def printed(notice: Notice, assessment: Assessment) -> HttpResponse:
    """The result letter as PDF. Raises LetterUnprintable."""
    return answer(pdf(result_letter(notice, assessment)), assessment.number or "", TITLE)
