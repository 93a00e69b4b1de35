"""What the result letter says, in plain words; laying it out is somebody else's work."""

from dataclasses import dataclass
from datetime import date

from .instrument import Instrument
from .scoring import Result

UNVERIFIED = "提示：这次结果用到的分级表还没有和正式文本核对，标为“未核实”。"
#: Beside days that nobody compared with an official text.
UNVERIFIED_DAYS = "（期限未核实）"


@dataclass(frozen=True)
class Letter:
    """Paragraphs and rows of a result letter."""

    title: str
    result: str
    meaning: str
    rows: tuple[tuple[str, str], ...]
    changes: tuple[str, ...]
    validity: str
    appeal: str
    warnings: tuple[str, ...]


def letter(
    instrument: Instrument, result: Result, valid_to: date, appeal_until: date | None
) -> Letter:
    """The letter for a result: scores, what moved the level, what it means, how to appeal."""
    level = instrument.level(result.final_level)
    mark = "" if instrument.process.verified else UNVERIFIED_DAYS
    rows = [
        (section.name, f"{result.scores[section.code]} 分（满分 {section.max} 分）")
        for section in instrument.sections
    ]
    if instrument.scoring.method == "sum":
        rows.append(("总分", f"{result.total} 分（满分 {instrument.highest_total()} 分）"))
    rows.append(("初步等级", instrument.level(result.initial_level).name))
    appeal = (
        f"如果不同意这个结果，可以在 {_day(appeal_until)}前申诉{mark}。"
        "申诉由另一家评估机构的评估员重新评估，不收费。"
        "申诉方法：在手机上打开这份结果按“申诉”，或到村（社区）办理，或拨 12349。"
        if appeal_until
        else "如果对结果有疑问，请到村（社区）或拨 12349。"
    )
    return Letter(
        title=f"{instrument.result}评估结果告知书",
        result=f"{level.name}（{result.final_level} 级）",
        meaning=level.meaning,
        rows=tuple(rows),
        changes=tuple(change.reason for change in result.changes),
        validity=f"这个结果到 {_day(valid_to)}有效{mark}。"
        "身体情况有明显变化，可以提前申请重新评估。",
        appeal=appeal,
        warnings=() if result.verified else (UNVERIFIED,),
    )


def _day(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
