"""Words for kinds and modes."""

from songbai.domain.providers.rules import (
    FacilityKind,
    Inspection,
    OperatingMode,
)


def test_words_are_not_used_twice() -> None:
    assert len({kind.words for kind in FacilityKind}) == len(FacilityKind)
    assert len({mode.words for mode in OperatingMode}) == len(OperatingMode)


def test_no_inspection_is_the_empty_word() -> None:
    assert Inspection("") is Inspection.NONE
