"""Pure rules of division codes."""

from enum import IntEnum


class Level(IntEnum):
    """Levels of the statistical code."""

    PROVINCE = 1
    CITY = 2
    DISTRICT = 3
    TOWN = 4
    VILLAGE = 5


#: Significant digits of a code at each level.
DIGITS = {
    Level.PROVINCE: 2,
    Level.CITY: 4,
    Level.DISTRICT: 6,
    Level.TOWN: 9,
    Level.VILLAGE: 12,
}


def prefix(code: str, level: Level) -> str:
    """The scope prefix of a division: ``500151001000`` as a town is ``500151001``."""
    return code[: DIGITS[level]]


def full(prefix_: str) -> str:
    """The 12-digit code of a prefix.

    Raises ValueError when it is not 2, 4, 6, 9 or 12 digits.
    """
    if not prefix_.isdigit() or len(prefix_) not in DIGITS.values():
        raise ValueError(f"not a division code: {prefix_!r}")
    return prefix_.ljust(12, "0")


#: Somewhere in another city, nobody said where (外地).
ELSEWHERE = "0" * DIGITS[Level.VILLAGE]
#: Provinces that are one city (直辖市, GB/T 2260): all their codes lie in it.
_ONE_CITY = frozenset({"11", "12", "31", "50"})


def city_of(code: str) -> str:
    """The prefix of the city in which a division lies."""
    return prefix(code, Level.PROVINCE if code[:2] in _ONE_CITY else Level.CITY)


def level_of(code: str) -> Level:
    """The level of a 12-digit code, from its trailing zeros."""
    for level, digits in DIGITS.items():
        if set(code[digits:]) <= {"0"}:
            return level
    return Level.VILLAGE


def bounds(prefix_: str) -> tuple[str, str]:
    """Lowest and highest code under a prefix, for range filters."""
    return prefix_.ljust(12, "0"), prefix_.ljust(12, "9")


def inside(prefix_: str, column: str = "region_id") -> dict[str, str]:
    """What to filter by for rows of one division and everything below it."""
    low, high = bounds(prefix_)
    return {f"{column}__gte": low, f"{column}__lte": high}


def short_name(name: str) -> str:
    """The name without its kind: 巴川街道 → 巴川, 东方社区居民委员会 → 东方社区."""
    for ending in ("居民委员会", "村民委员会"):
        if name.endswith(ending):
            trimmed = name.removesuffix(ending)
            return trimmed if trimmed.endswith(("社区", "村")) else f"{trimmed}{ending[0]}"
    for ending in ("街道", "镇", "乡"):
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending)
    return name
