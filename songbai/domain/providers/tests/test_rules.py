"""Words for kinds and modes."""

from __future__ import annotations

from songbai.domain.providers.rules import (
    FACILITY_WORDS,
    MODE_WORDS,
    FacilityKind,
    Inspection,
    OperatingMode,
)


def test_every_kind_and_mode_has_a_word() -> None:
    assert set(MODE_WORDS) == set(OperatingMode)
    assert set(FACILITY_WORDS) == set(FacilityKind)


def test_words_are_not_used_twice() -> None:
    assert len(set(FACILITY_WORDS.values())) == len(FacilityKind)
    assert len(set(MODE_WORDS.values())) == len(OperatingMode)


def test_no_inspection_is_the_empty_word() -> None:
    assert Inspection("") is Inspection.NONE
