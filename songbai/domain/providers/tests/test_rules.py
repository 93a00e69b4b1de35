"""Words for kinds and modes."""

import pytest

from songbai.domain.providers.rules import (
    FacilityKind,
    Inspection,
    OperatingMode,
    is_uscc,
)


def test_words_are_not_used_twice() -> None:
    assert len({kind.words for kind in FacilityKind}) == len(FacilityKind)
    assert len({mode.words for mode in OperatingMode}) == len(OperatingMode)


def test_no_inspection_is_the_empty_word() -> None:
    assert Inspection("") is Inspection.NONE


@pytest.mark.parametrize("code", ["91110000600037341L", "N2500151MA5UXYW231"])
def test_companies_and_village_collectives_have_credit_codes(code: str) -> None:
    assert is_uscc(code)
    assert not is_uscc(code[:-1] + ("0" if code[-1] != "0" else "1"))


@pytest.mark.parametrize(
    "code",
    ["", "9111000060003734", "91110000600037341l", " 91110000600037341L", "9111000060003734IL"],
)
def test_what_is_written_otherwise_is_no_credit_code(code: str) -> None:
    assert not is_uscc(code)
