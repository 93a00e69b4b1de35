"""From what somebody cannot do to services that help: indications are data. Pure."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from songbai.core import yaml_file

from .answers import Answers
from .instrument import Instrument
from .parts import Part
from .scoring import Result, points_of

FILE = Path(__file__).resolve().parents[4] / "catalogues" / "indications.yaml"


class Frequency(Part):
    """How often."""

    times: int = Field(ge=1)
    per: Literal["day", "week", "month", "year"]

    @property
    def a_year(self) -> int:
        """Times a year, to compare."""
        return self.times * {"day": 365, "week": 52, "month": 12, "year": 1}[self.per]


class Sign(Part):
    """One condition on the result: an item's points, the level, or a background answer."""

    item: str | None = None
    points: tuple[int, int] | None = None
    level: tuple[int, int] | None = None
    field: str | None = None
    holds: tuple[str, ...] = ()
    flag: str | None = None


class Indication(Part):
    """A service that is indicated when all signs hold."""

    service: Annotated[str, Field(pattern=r"^[A-Z]\d\d-\d\d$")]
    when: tuple[Sign, ...] = Field(min_length=1)
    frequency: Frequency
    because: str


class Indications(Part):
    """All indications of one instrument."""

    instrument: str
    verified: bool
    indications: tuple[Indication, ...]


class Suggestion(Part):
    """A service with its frequency, and all reasons for it."""

    service: str
    frequency: Frequency
    because: tuple[str, ...]
    verified: bool


@cache
def load_indications(path: Path = FILE) -> dict[str, Indications]:
    """Indications by instrument code.

    Raises pydantic.ValidationError for a file that is not sound.
    """
    raw = yaml_file.read(path)
    found = [Indications.model_validate(entry) for entry in raw["instruments"]]
    return {one.instrument: one for one in found}


def suggest(
    instrument: Instrument, answers: Answers, result: Result, indications: Indications
) -> list[Suggestion]:
    """Services the answers call for, each once with its highest frequency, most frequent first."""
    found: dict[str, list[Indication]] = {}
    for one in indications.indications:
        if all(_holds(instrument, answers, result, sign) for sign in one.when):
            found.setdefault(one.service, []).append(one)
    suggestions = [
        Suggestion(
            service=service,
            frequency=max((one.frequency for one in ones), key=lambda f: f.a_year),
            because=tuple(dict.fromkeys(one.because for one in ones)),
            verified=indications.verified,
        )
        for service, ones in found.items()
    ]
    return sorted(suggestions, key=lambda one: (-one.frequency.a_year, one.service))


def _holds(instrument: Instrument, answers: Answers, result: Result, sign: Sign) -> bool:
    if sign.level and not sign.level[0] <= result.final_level <= sign.level[1]:
        return False
    points = points_of(instrument, sign.item, answers) if sign.item else None
    if points is not None and sign.points and not sign.points[0] <= points <= sign.points[1]:
        return False
    if sign.flag and answers.get(sign.flag) is not True:
        return False
    return not sign.field or _told(answers.get(sign.field), sign.holds)


def _told(value: Any, wanted: tuple[str, ...]) -> bool:
    if isinstance(value, Mapping):
        return any(value.get(name, 0) > 0 for name in wanted)
    if isinstance(value, list | tuple):
        return any(one == name or one.startswith(f"{name}.") for one in value for name in wanted)
    return value in wanted
