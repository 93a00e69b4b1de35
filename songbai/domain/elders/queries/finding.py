"""Finding people in the register: by number, phone, name, initials, address words and situation."""

from dataclasses import dataclass

from django.db.models import QuerySet

from songbai.core import clock
from songbai.core.acting import Actor, require
from songbai.core.crypto import blind_index
from songbai.core.regions.queries import children
from songbai.core.regions.rules import Level, inside, level_of, prefix
from songbai.core.texts import folded_phone
from songbai.domain.elders.declares import ELDER_READ
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import in_scope, survivor_of, visible
from songbai.domain.elders.rules import born_by

#: Greater than any character: the end of a range of names that begin alike.
_END = "\U0010ffff"
MOST_FOUND = 50


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for inside a division. Empty fields do not restrict.

    ``words`` are names, pinyin initials and words of the address, apart by blanks; ``ages`` the
    youngest and the oldest age in completed years.
    """

    region: str = ""
    words: str = ""
    ages: tuple[int, int | None] = (60, None)
    sex: str = ""
    hardship: str = ""
    living: str = ""
    ability: int | None = None
    special_family: bool = False


def find(actor: Actor, wanted: Wanted) -> QuerySet[Elder]:
    """Living elders that fit, by village and name, as far as the actor's scope reaches.

    Raises NotAllowed.
    """
    require(actor, ELDER_READ)
    region, names = _places(wanted)
    today, (youngest, oldest) = clock.today(), wanted.ages
    rows = visible(actor).filter(
        **inside(region),
        died_on=None,
        birth_date__lte=born_by(today, youngest),
    )
    if oldest is not None:
        rows = rows.filter(birth_date__gt=born_by(today, oldest + 1))
    for name in names:
        field, start = ("initials", name.upper()) if name.isascii() else ("name", name)
        rows = rows.filter(**{f"{field}__gte": start, f"{field}__lt": f"{start}{_END}"})
    said = {"sex": wanted.sex, "hardship": wanted.hardship, "living": wanted.living}
    rows = rows.filter(**{field: value for field, value in said.items() if value})
    if wanted.ability is not None:
        rows = rows.filter(ability_level=wanted.ability)
    if wanted.special_family:
        rows = rows.filter(special_family=True)
    return rows.order_by("region_id", "name", "id")


def by_id_number(actor: Actor, number: str) -> list[Elder]:
    """The person with this identity number (18 characters, checked by the caller), if in scope; of
    a merged record the one it is read as. Raises NotAllowed.
    """
    require(actor, ELDER_READ)
    found = in_scope(actor).filter(id_number_index=blind_index(number))
    return [survivor_of(actor, elder) for elder in found]


def by_phone(actor: Actor, phone: str) -> list[Elder]:
    """People registered with a phone number, at most 50, if in scope. Raises NotAllowed."""
    require(actor, ELDER_READ)
    index = blind_index(folded_phone(phone))
    found = in_scope(actor).filter(phone_index=index).exclude(phone_index=b"")
    people = [survivor_of(actor, elder) for elder in found.order_by("id")[:MOST_FOUND]]
    return list({elder.pk: elder for elder in people}.values())


def household(actor: Actor, elder: Elder) -> list[Elder]:
    """Everybody registered in an elder's household, the elder too, the oldest first.

    Raises NotAllowed.
    """
    require(actor, ELDER_READ)
    if not elder.household:
        return [elder]
    same = visible(actor).filter(region_id=elder.region_id, household=elder.household)
    return list(same.order_by("birth_date", "id"))


def _places(wanted: Wanted) -> tuple[str, list[str]]:
    """The division meant, and the words that are not the name of one below it.

    东方社区 王 looks for 王 in that village; the first division whose name has the word counts.
    """
    region, names = wanted.region, []
    for word in wanted.words.split():
        below = _named(region, word)
        if below:
            region = below
        else:
            names.append(word)
    return region, names


def _named(region: str, word: str) -> str:
    """The code prefix of the first town, else village, of a division whose name has the word."""
    if word.isascii() or len(word) < 2:
        return ""
    here = level_of(region.ljust(12, "0")) if region else Level.CITY
    for level in (Level.DISTRICT, Level.TOWN, Level.VILLAGE):
        if level <= here:
            continue
        for one in children(region, level):
            if word in one.name and one.name not in {word[:1]}:
                return prefix(one.code, level)
    return ""
