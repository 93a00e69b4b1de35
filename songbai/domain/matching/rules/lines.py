"""One line for each field compared: what a clerk reads beside the two records."""

from dataclasses import dataclass
from enum import StrEnum

from .dates import BIRTH_WORDS
from .evidence import FIELDS, IdLevel, Levels, SexLevel, Weights
from .names import NAME_WORDS
from .places import ADDRESS_WORDS, PHONE_WORDS, REGION_WORDS

FIELD_WORDS = {
    "id_number": "身份证号",
    "name": "姓名",
    "birth_date": "出生日期",
    "sex": "性别",
    "region": "区划",
    "phone": "电话",
    "address": "住址",
}
ID_WORDS = {
    IdLevel.SAME: "身份证号相同",
    IdLevel.NEAR: "一边的身份证号校验不过，改一处就和另一边相同",
    IdLevel.UNCHECKED: "身份证号不同，但一边是没有校验位的 15 位号",
    IdLevel.DIFFERENT: "两个不同的有效身份证号",
    IdLevel.UNKNOWN: "身份证号有一边没有",
}
SEX_WORDS = {
    SexLevel.SAME: "性别相同",
    SexLevel.DIFFERENT: "性别不同",
    SexLevel.UNKNOWN: "性别有一边没填",
}
LEVEL_WORDS: dict[str, dict[str, str]] = {
    "id_number": {str(level): words for level, words in ID_WORDS.items()},
    "name": {str(level): words for level, words in NAME_WORDS.items()},
    "birth_date": {str(level): words for level, words in BIRTH_WORDS.items()},
    "sex": {str(level): words for level, words in SEX_WORDS.items()},
    "region": {str(level): words for level, words in REGION_WORDS.items()},
    "phone": {str(level): words for level, words in PHONE_WORDS.items()},
    "address": {str(level): words for level, words in ADDRESS_WORDS.items()},
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
        return LEVEL_WORDS[self.field][self.level]

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
        if field in FIELD_WORDS and level in LEVEL_WORDS[str(field)]
    )
