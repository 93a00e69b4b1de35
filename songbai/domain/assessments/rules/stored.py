"""How answers are kept: the place of the chosen option for each item, and the background.

Places (0 is the best option) say more than points: options with the same points stay apart. A row
is read with the same version of the instrument that wrote it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .answers import Answers, checked, position
from .instrument import Instrument


@dataclass(frozen=True)
class Stored:
    """``choices`` has one entry per item in the order of the instrument; numbers are themselves."""

    choices: tuple[int, ...]
    background: dict[str, Any]


def encode(instrument: Instrument, answers: object) -> Stored:
    """Checked answers as they are kept.

    Raises ImpossibleAnswers.
    """
    given = checked(instrument, answers)
    places = (position(item, given[code]) for code, item in instrument.items.items())
    return Stored(
        choices=tuple(place for place in places if place is not None),
        background={code: given[code] for code in instrument.fields if given.get(code) is not None},
    )


def decode(
    instrument: Instrument, choices: Sequence[int], background: Mapping[str, Any]
) -> Answers:
    """Answers as an answer file holds them; ``encode`` of them gives the same again.

    Raises ValueError for a row of another version: more or fewer choices than items.
    """
    found: dict[str, Any] = {}
    for (code, item), place in zip(instrument.items.items(), choices, strict=True):
        option = None if item.number else item.options[place]
        found[code] = place if option is None else option.code or option.points
    return {**found, **background}
