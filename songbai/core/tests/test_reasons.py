"""A reason somebody has to write is asked for by one rule."""

import re
from pathlib import Path

import pytest

from songbai.core.reasons import SHORTEST, too_short

HOUSE = Path(__file__).resolve().parents[2]
#: Another rule: a length after blanks are taken away, or a form's, as a bare number.
OWN_RULE = re.compile(rf"strip\(\)\) < [0-9]|min_length={SHORTEST}\b|class ReasonMissing")


@pytest.mark.parametrize(
    ("reason", "short"),
    [("", True), ("不行", True), ("  不行  ", True), ("看过户口", False), (" 看过户口簿 ", False)]
    + [
        (one, True)
        for one in ("aaaa", "1234", "asdfgh", "。。。。", "好好好好", " . . . .", "好aaaa")
    ],
)
def test_blanks_around_a_reason_say_nothing(reason: str, short: bool) -> None:
    assert too_short(reason) is short


def test_nobody_measures_a_reason_by_a_rule_of_their_own() -> None:
    files = [path for path in HOUSE.rglob("*.py") if "tests" not in path.parts]
    asking = [path.name for path in files if OWN_RULE.search(path.read_text("utf-8"))]
    assert asking == ["reasons.py"]
