"""Instruments are data: a new one needs no code, a wrong one is refused with its lines."""

from pathlib import Path

import pytest

from songbai.domain.assessments.rules.instrument import (
    FOLDER,
    UnknownInstrument,
    WrongInstrument,
    load,
    load_all,
    parse,
)
from songbai.domain.assessments.rules.scoring import score

from .forms import GBT, INSTRUMENTS, LTCI, OLD, best

FALLS = """\
code: falls-1989
standard: Morse Fall Scale
version: "1989"
title: 跌倒风险评估
result: 跌倒风险
fact: null
verified: false
wording_verified: false
sections:
  - code: M
    name: 跌倒风险
    max: 125
    items:
      - {code: M.1, name: 近三个月跌倒史, options: [{points: 0, text: 无}, {points: 25, text: 有}]}
      - {code: M.2, name: 多于一个诊断, options: [{points: 0, text: 无}, {points: 15, text: 有}]}
      - code: M.3
        name: 行走辅助
        options: [{points: 0, text: 不需要}, {points: 15, text: 拐杖}, {points: 30, text: 扶家具}]
      - {code: M.4, name: 静脉输液, options: [{points: 0, text: 无}, {points: 20, text: 有}]}
      - code: M.5
        name: 步态
        options: [{points: 0, text: 正常}, {points: 10, text: 虚弱}, {points: 20, text: 受损}]
      - {code: M.6, name: 自我认识, options: [{points: 0, text: 清楚}, {points: 15, text: 高估}]}
levels: [{level: 0, name: 低风险}, {level: 1, name: 中风险}, {level: 2, name: 高风险}]
scoring:
  method: sum
  verified: false
  bands: [{level: 0, from: 0, to: 20}, {level: 1, from: 25, to: 40}, {level: 2, from: 45, to: 125}]
process: {verified: false, valid_months: 6}
"""
LINES = FALLS.splitlines()


def line_of(words: str) -> int:
    return next(number for number, line in enumerate(LINES, 1) if words in line)


def test_the_three_of_this_country_are_there() -> None:
    assert [one.code for one in INSTRUMENTS.values()] == [GBT.code, LTCI.code, OLD.code]
    assert (GBT.verified, LTCI.verified, OLD.verified) == (True, False, False)
    assert not any(one.wording_verified for one in INSTRUMENTS.values())
    assert (len(GBT.items), len(LTCI.items), LTCI.highest_total()) == (26, 17, 128)


def test_a_fourth_instrument_needs_no_code(tmp_path: Path) -> None:
    for path in FOLDER.glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    (tmp_path / "falls.yaml").write_text(FALLS, "utf-8")
    falls = load("falls-1989", tmp_path)
    assert len(load_all(tmp_path)) == 4
    assert score(falls, best(falls)).final_level == 0
    result = score(falls, {**best(falls), "M.1": 25, "M.3": 30})
    assert (result.total, result.final_level, result.verified) == (55, 2, False)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("max: 125", "max: 120", "code: M\n", "add up to 125"),
        ("to: 20}", "to: 15}", "code: falls", "between 15 and 25"),
        ("from: 25, to: 40", "from: 20, to: 40", "code: falls", "between 20 and 20"),
        ("points: 25", "points: many", "M.1", "valid integer"),
        ("title:", "titel:", "titel", "not permitted"),
        ("code: M.2", "code: M.1", "code: falls", "M.1 appears twice"),
        ("{level: 2, name: 高风险}", "{level: 3, name: 高风险}", "code: falls", "count up"),
        ("method: sum", "method: guess", "method: sum", "does not match"),
        ("valid_months: 6", "valid_months: 0", "valid_months", "greater than"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(old: str, new: str, line: str, says: str) -> None:
    with pytest.raises(WrongInstrument, match=says) as refused:
        parse(FALLS.replace(old, new, 1), "falls.yaml")
    assert str(refused.value).startswith("falls.yaml:")
    if "falls" not in line and "titel" not in line and "M\n" not in line:
        number = int(str(refused.value).split(":")[1])
        assert abs(number - line_of(line.strip())) <= 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("code: [", "expected"),
        ("- 1", "not a mapping"),
        ("", "not a mapping"),
        (f"{FALLS}code: again\n", "code is given twice"),
    ],
)
def test_what_is_no_instrument_at_all_is_refused(text: str, says: str) -> None:
    with pytest.raises(WrongInstrument, match=says):
        parse(text)


def test_two_files_may_not_share_a_code(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(FALLS, "utf-8")
    with pytest.raises(WrongInstrument, match="belongs to another file"):
        load_all(tmp_path)


def test_an_unknown_instrument_names_those_there_are() -> None:
    with pytest.raises(UnknownInstrument, match="ltci-2021"):
        load("gbt42195-2013")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("codes: A.4.1, within: [F00-F03]", "codes: A.9.9, within: [F00-F03]", "no field of kind"),
        ("item: B.3.9, option: coma", "item: B.3.9, option: asleep", "has no option"),
        ("set_level: 4", "set_level: 5", "no level 5"),
        ("option_set: assist5", "option_set: assist6", "no option set"),
    ],
)
def test_rules_refer_to_what_is_there(old: str, new: str, says: str) -> None:
    text = (FOLDER / "gbt42195-2022.yaml").read_text("utf-8")
    with pytest.raises(WrongInstrument, match=says):
        parse(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[3, 3, 4, 5]", "[3, 3, 4]", "4 rows of 4"),
        ("[3, 3, 4, 5]", "[3, 3, 4, 6]", "no level 6"),
        ('rows: "1"', 'rows: "9"', "no section 9"),
        ("[E, F, F, G]", "[E, F, F]", "table of 4 x 4"),
        ("from: 45, to: 60", "from: 45, to: 55", "section 1"),
    ],
)
def test_a_combination_table_must_be_whole(old: str, new: str, says: str) -> None:
    text = (FOLDER / "ltci-2021.yaml").read_text("utf-8")
    with pytest.raises(WrongInstrument, match=says):
        parse(text.replace(old, new, 1))
