"""What people say when they look for a service, and which items and places they mean."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from songbai.core import yaml_file
from songbai.domain.providers.rules import FacilityKind

from .rules import WrongCatalogue
from .rules import load as catalogue

FILE = Path(__file__).resolve().parents[3] / "catalogues" / "words.yaml"


@dataclass(frozen=True)
class Meant:
    """Codes of items, and kinds of places that offer them or are looked for themselves.

    ``leads``: pages of the portal that answer it, for what is no service.
    """

    items: frozenset[str] = frozenset()
    places: frozenset[FacilityKind] = frozenset()
    leads: frozenset[str] = frozenset()


@cache
def load(path: Path = FILE) -> dict[str, Meant]:
    """Every word of the file with what it means.

    Raises WrongCatalogue for an item or a kind of place nobody knows.
    """
    known = {item.code: item for item in catalogue().items}
    found: dict[str, Meant] = {}
    for entry in yaml_file.read(path)["words"]:
        if not entry.get("say"):
            raise WrongCatalogue(f"{path.name}: an entry says nothing")
        try:
            items = [known[code] for code in entry.get("items", ())]
            places = {FacilityKind(kind) for kind in entry.get("places", ())}
        except (KeyError, ValueError) as error:
            raise WrongCatalogue(f"{path.name}, {entry['say'][0]}: {error}") from error
        places |= {kind for item in items for kind in item.offered_at}
        for word in entry["say"]:
            if word in found:
                raise WrongCatalogue(f"{path.name}: {word} stands twice")
            leads = frozenset({entry["leads"]} if "leads" in entry else ())
            found[word] = Meant(frozenset(item.code for item in items), frozenset(places), leads)
    return found


def meant(said: str) -> Meant:
    """All that is meant by what somebody typed: each known word in it counts; of one character,
    each known word it is in.
    """
    alone = len(said) == 1
    words = [m for word, m in load().items() if (said in word if alone else word in said)]
    return Meant(
        frozenset[str]().union(*(one.items for one in words)),
        frozenset[FacilityKind]().union(*(one.places for one in words)),
        frozenset[str]().union(*(one.leads for one in words)),
    )


def items_said(said: str) -> frozenset[str]:
    """Codes of the items somebody looks for: their names have what was typed, or it means them;
    only when there are none, those whose description has it.
    """
    typed = "".join(said.split()).lower()
    everything = catalogue().items
    named = {i.code for i in everything if typed in f"{i.name} {i.plain} {i.group}".lower()}
    found = named | meant(typed).items
    return frozenset(found or {i.code for i in everything if typed in i.summary.lower()})
