"""What a log must never hold."""

import logging

import pytest

from songbai.core.logs import MaskIdentityNumbers, mask

NUMBER = "11010519491231002X"


@pytest.mark.parametrize(
    "text", [NUMBER, f"id={NUMBER},", f"老人{NUMBER}登记", "500190194205061024", "110105491231002"]
)
def test_an_identity_number_keeps_its_first_digits_only(text: str) -> None:
    assert "19491231" not in mask(text)
    assert "491231" not in mask(text)
    assert "*" in mask(text)


@pytest.mark.parametrize(
    "text", ["500151001001", "2026-11-22T08:00", "123456789012345678", "a" * 18]
)
def test_other_numbers_stay(text: str) -> None:
    assert mask(text) == text


def test_arguments_and_exceptions_are_masked_too() -> None:
    error = ValueError(NUMBER)
    info = (type(error), error, None)
    record = logging.LogRecord("x", 40, __file__, 1, "got %s", (NUMBER,), info)
    assert MaskIdentityNumbers().filter(record)
    assert NUMBER not in logging.Formatter().format(record)
