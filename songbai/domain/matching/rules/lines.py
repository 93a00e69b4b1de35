"""One line for each field compared: what a clerk reads beside the two records."""

from dataclasses import dataclass
from enum import StrEnum

from .evidence import FIELDS, Levels, Weights

FIELD_WORDS = {
    "id_number": "身份证号",
    "name": "姓名",
    "birth_date": "出生日期",
    "sex": "性别",
    "region": "区划",
    "phone": "电话",
    "address": "住址",
}


class Tone(StrEnum):
    """What a line says for the pair, in a word that can be shown without colour."""

    AGREES = "agrees"
    CLOSE = "close"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


_AGREES = {"same", "variant", "village"}
_DIFFERS = {"different", "surname", "elsewhere", "unchecked"}


@dataclass(frozen=True, slots=True)
class FieldLine:
    """How one field compares: its code, its level, and how many bits that adds or takes."""

    field: str
    level: str
    weight: float

    @property
    def title(self) -> str:
        """The field in words."""
        return FIELD_WORDS[self.field]

    @property
    def words(self) -> str:
        """The comparison in words."""
        return next(one.words for one in FIELDS[self.field] if one == self.level)

    @property
    def tone(self) -> Tone:
        """Whether it agrees, comes close, differs or is not known."""
        if self.level == "unknown":
            return Tone.UNKNOWN
        if self.level in _AGREES:
            return Tone.AGREES
        return Tone.DIFFERS if self.level in _DIFFERS else Tone.CLOSE


def lines(levels: Levels, pair: int, weights: Weights) -> tuple[FieldLine, ...]:
    """Why a pair got its score: one line for each field, in the order of ``FIELDS``."""
    found = []
    for field, names in FIELDS.items():
        level = str(names[int(levels.of(field)[pair])])
        weight = weights.bits[field][level]
        if field == "name" and level in {"same", "variant", "swapped"}:
            weight += float(levels.rarity[pair])
        found.append(FieldLine(field, level, round(weight, 1)))
    return tuple(found)


def as_json(why: tuple[FieldLine, ...]) -> list[list[object]]:
    """Lines as they are stored."""
    return [[line.field, line.level, line.weight] for line in why]


def from_json(stored: list[list[object]]) -> tuple[FieldLine, ...]:
    """Lines as they were stored; fields unknown today are left out."""
    return tuple(
        FieldLine(str(field), str(level), float(str(weight)))
        for field, level, weight in stored
        if field in FIELDS and level in FIELDS[str(field)]
    )
