"""The result letter: its words are on the paper, an unverified table is named, bytes repeat."""

import dataclasses
from datetime import date

import pytest

from songbai.core import clock
from songbai.domain.assessments.models import Assessment, Body, Notice
from songbai.domain.assessments.rules.instrument import Instrument
from songbai.domain.assessments.rules.letter import letter
from songbai.domain.assessments.rules.scoring import score
from songbai.domain.assessments.tests.forms import GBT, LTCI, totalling, worst
from songbai.web import letters
from songbai.web.rooms.assessments.assessing import result_letter
from tests.cast import Cast


def html(cast: Cast, instrument: Instrument, answers: dict[str, object]) -> str:
    """A letter about Mrs Wang, not stored."""
    words = letter(instrument, score(instrument, answers), date(2028, 1, 1), date(2026, 12, 22))
    about = Assessment(
        number="P261122000001",
        elder=cast.mother,
        region_id=cast.mother.region_id,
        instrument=instrument.code,
        body=Body(name="松风评估所"),
    )
    notice = Notice(letter=dataclasses.asdict(words), issued_at=clock.at(date(2026, 11, 22), 9))
    return result_letter(notice, about)


def printed(text: str) -> str:
    """What stands on the pages, line after line, as the layout placed it."""
    boxes = [box for page in letters.drawn(text).pages for box in page._page_box.descendants()]
    return "".join(box.text for box in boxes if type(box).__name__ == "TextBox")


@pytest.mark.parametrize(
    "words",
    ["老年人能力等级评估结果告知书", "王*英", "能力中度受损（2 级）", "松风评估所",
     "80 分（满分 90 分）", "痴呆", "2026 年 12 月 22 日前申诉", "12349", "重庆市铜梁区民政局",
     "2026 年 11 月 22 日"],
)  # fmt: skip
def test_the_paper_holds_what_was_decided(cast: Cast, words: str) -> None:
    assert words in printed(html(cast, GBT, {**totalling(80), "A.4.1": ["F00"]}))


def test_a_name_in_full_is_not_printed(cast: Cast) -> None:
    text = printed(html(cast, GBT, totalling(80)))
    assert "王桂英" not in text
    assert "【未核实】" not in text
    assert text.count("期限未核实") == 2  # how long it holds, and how long it can be disputed


def test_an_unverified_table_is_named_on_the_paper(cast: Cast) -> None:
    text = printed(html(cast, LTCI, worst(LTCI)))
    assert "【未核实】" in text
    assert "重庆市铜梁区医疗保障局" in text


def test_the_same_words_give_the_same_bytes(cast: Cast) -> None:
    text = html(cast, GBT, totalling(80))
    assert letters.pdf(text) == letters.pdf(text)


def test_what_a_letter_says_is_text_and_loads_nothing(cast: Cast) -> None:
    cast.mother.name = "<img src=file:///etc/passwd>"
    assert "<img" not in html(cast, GBT, totalling(80))
    with pytest.raises(ValueError, match="loads nothing"):
        letters._nothing_from_outside("file:///etc/passwd")


def test_the_letter_fits_one_sheet(cast: Cast) -> None:
    assert len(letters.drawn(html(cast, LTCI, worst(LTCI))).pages) <= 2
