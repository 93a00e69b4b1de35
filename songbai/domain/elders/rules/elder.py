"""What is said about an elder, and how it is shown."""

from dataclasses import dataclass
from enum import StrEnum

from songbai.core.worded import Worded


class Sex(StrEnum):
    """GB/T 2261.1 reduced to the two values of the identity number."""

    MALE = "m"
    FEMALE = "f"


class HardshipClass(Worded):
    """Legal hardship classes; codes keep pinyin."""

    NONE = "none", ""
    DIBAO = "dibao", "低保"
    TEKUN = "tekun", "特困"
    NEAR_DIBAO = "near_dibao", "低保边缘"
    LOW_INCOME = "low_income", "低收入"


class LivingSituation(Worded):
    """With whom the elder lives."""

    WITH_CHILDREN = "with_children", "和子女同住"
    EMPTY_NEST = "empty_nest", "空巢"
    LIVING_ALONE = "living_alone", "独居"
    LEFT_BEHIND = "left_behind", "留守"
    IN_INSTITUTION = "in_institution", "住机构"


#: GB/T 42195-2022 C.3.
ABILITY_WORDS = {0: "能力完好", 1: "轻度失能", 2: "中度失能", 3: "重度失能", 4: "完全失能"}


@dataclass(frozen=True)
class ProxyScope:
    """What a proxy may do for the elder."""

    see: bool = True
    order: bool = False
    money: bool = False


def tags(hardship: str, living: str, ability: int | None) -> list[str]:
    """Short facts shown beside a name: 独居, 低保, 中度失能."""
    words = [LivingSituation(living).words] if living != "with_children" else []
    words.append(HardshipClass(hardship).words)
    if ability:
        words.append(ABILITY_WORDS[ability])
    return [word for word in words if word]


def initials_of(name: str) -> str:
    """Pinyin initials in capitals (李松柏 → LSB), at most 12; other characters stay as they are."""
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).upper()[:12]
