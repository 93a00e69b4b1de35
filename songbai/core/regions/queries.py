"""Reading the division tree. Divisions are public and do not change while the program runs."""

from functools import lru_cache, reduce
from operator import or_

from django.db.models import Q

from songbai.core.errors import UnknownRegion
from songbai.core.regions.rules import city_of, inside

from .models import Region
from .rules import Level, full, level_of


@lru_cache(maxsize=20_000)
def region(code: str) -> Region:
    """The division with this code (full or prefix).

    Raises UnknownRegion.
    """
    try:
        return Region.objects.get(code=full(code))
    except (Region.DoesNotExist, ValueError) as error:
        raise UnknownRegion from error


def is_known(code: str) -> bool:
    """Whether there is a division with this code (full or prefix)."""
    try:
        region(code)
    except UnknownRegion:
        return False
    return True


@lru_cache(maxsize=1)
def cities() -> frozenset[str]:
    """The prefixes of the cities whose divisions are kept here."""
    districts = Region.objects.filter(level=Level.DISTRICT)
    return frozenset(map(city_of, districts.values_list("code", flat=True)))


def is_elsewhere(code: str) -> bool:
    """Whether a code lies in another city than those whose divisions are kept here (外地)."""
    return bool(cities()) and city_of(code) not in cities()


def elsewhere(column: str) -> Q:
    """What to filter by for codes of other cities."""
    here = [Q(**{f"{column}__startswith": city}) for city in cities()]
    return ~reduce(or_, here) if here else Q(**{f"{column}__in": ()})


@lru_cache(maxsize=2_000)
def children(prefix: str, level: Level) -> tuple[Region, ...]:
    """All divisions of one level under a prefix, by code."""
    return tuple(Region.objects.filter(level=level, **inside(prefix, "code")).order_by("code"))


def path(code: str) -> list[Region]:
    """The division and its ancestors down from the district: 铜梁区, 巴川街道, 东方社区."""
    wanted = [level for level in Level if Level.DISTRICT <= level <= level_of(code)]
    digits = {Level.DISTRICT: 6, Level.TOWN: 9, Level.VILLAGE: 12}
    return [region(code[: digits[level]]) for level in wanted]


def place_words(code: str, *, district: bool = True) -> str:
    """铜梁区巴川街道东方社区, or without its district; 外地 for another city; "" for what is no
    division of a district.
    """
    if code and is_elsewhere(code):
        return "外地"
    try:
        found = path(code) if code else []
    except (UnknownRegion, ValueError):
        return ""
    return "".join(
        one.short if one.level == Level.VILLAGE else one.name
        for one in found
        if district or one.level > Level.DISTRICT
    )


def forget() -> None:
    """Drop what was read (after loading divisions, and between tests)."""
    region.cache_clear()
    children.cache_clear()
    cities.cache_clear()
