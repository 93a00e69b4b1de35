"""The divisions an office looks at."""

from dataclasses import dataclass
from typing import Any

from songbai.core.accounts.rules import Actor
from songbai.core.errors import NotFound, UnknownRegion
from songbai.core.regions.models import Region
from songbai.core.regions.queries import children
from songbai.core.regions.queries import region as region_by_code
from songbai.core.regions.rules import DIGITS, Level, prefix


@dataclass(frozen=True)
class Place:
    """A division in the officer's scope: its row, its code prefix, the level of its parts."""

    region: Region
    prefix: str

    @property
    def name(self) -> str:
        """铜梁区."""
        return self.region.name

    @property
    def parts(self) -> Level | None:
        """The level below, None for a village."""
        level = Level(self.region.level)
        return None if level is Level.VILLAGE else Level(level + 1)

    @property
    def digits(self) -> int:
        """Digits of the codes of its parts (of its own code for a village)."""
        return DIGITS[self.parts or Level.VILLAGE]

    def divisions(self) -> tuple[Region, ...]:
        """Its parts, by code."""
        return children(self.prefix, self.parts) if self.parts else (self.region,)


def place_of(actor: Actor, code: str = "") -> Place:
    """The division asked for, or the officer's own.

    Raises NotFound for one outside the officer's scope.
    """
    try:
        region = region_by_code(code or actor.region or "")
    except UnknownRegion as error:
        raise NotFound("没有这个地方，或不在您能看的范围里。") from error
    short = prefix(region.code, Level(region.level))
    if not short.startswith(actor.region or ""):
        raise NotFound("这个地方不在您能看的范围里。")
    return Place(region, short)


def area(place: Place, home: Place) -> dict[str, Any]:
    """What a page's choice of places shows: the one asked for, and those of the officer's own."""
    return {"place": place, "home": home, "divisions": home.divisions()}
