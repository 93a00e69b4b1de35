"""The catalogue file, read and checked."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from songbai.core import yaml_file
from songbai.domain.providers.rules import FacilityKind, VehicleKind

FILE = Path(__file__).resolve().parents[3] / "catalogues" / "service_items.yaml"
KINDS = ("生活照护", "助医服务", "供餐服务", "康复服务", "培训指导", "心理支持", "辅助服务")


@dataclass(frozen=True)
class Step:
    """One thing to do during a service; ``measure`` asks for a value such as 水温."""

    code: str
    name: str
    required: bool
    measure: str


@dataclass(frozen=True)
class Item:
    """One service item of the catalogue; minutes and fen are integers.

    ``goes_out``: the elder is taken to a destination; ``returns``: and brought home again.
    ``vehicle`` "" asks for none; ``load`` is how much of its capacity one time uses.
    ``offered_at``: the kinds of places where it is had, for what is not done at home.
    """

    code: str
    kind: str
    group: str
    name: str
    plain: str
    summary: str
    at_home: bool
    minutes: int
    unit: str
    guide_price: int
    skills: tuple[str, ...]
    steps: tuple[Step, ...]
    national_ltci_code: str
    verified: bool
    caregivers: int = 1
    goes_out: bool = False
    returns: bool = True
    vehicle: VehicleKind | Literal[""] = ""
    load: int = 0
    offered_at: tuple[FacilityKind, ...] = ()


_KINDS: dict[str, FacilityKind] = {kind.value: kind for kind in FacilityKind}
_VEHICLES: dict[str, VehicleKind | Literal[""]] = {"": "", **{k.value: k for k in VehicleKind}}


class WrongCatalogue(ValueError):
    """A catalogue file that cannot be used; the message names the item."""


@dataclass(frozen=True)
class Catalogue:
    """A whole file: items in its order, the words for skills, and what elders read for the names of
    kinds and groups.
    """

    items: tuple[Item, ...]
    skill_words: dict[str, str]
    plain_words: dict[str, str]


def parse(raw: dict[str, Any], kinds: dict[str, str], groups: dict[str, str]) -> Item:
    """One item of the file; kinds and groups map codes to names.

    Raises WrongCatalogue naming the item and what is missing or unknown.
    """
    try:
        item = Item(
            code=str(raw["code"]),
            kind=kinds[raw["kind"]],
            group=groups[raw["group"]],
            name=raw["name"],
            plain=raw["plain"],
            summary=raw["summary"],
            at_home=raw["place"] == "home",
            minutes=int(raw["minutes"]),
            unit=raw["unit"],
            guide_price=int(raw["guide_price_fen"]),
            skills=tuple(raw["skills"]),
            steps=tuple(
                Step(s["code"], s["name"], bool(s["required"]), s.get("measure") or "")
                for s in raw["steps"]
            ),
            national_ltci_code=raw.get("national_ltci_code") or "",
            verified=bool(raw["verified"]),
            caregivers=int(raw.get("caregivers", 1)),
            goes_out=bool(raw.get("goes_out", False)),
            returns=bool(raw.get("returns", True)),
            vehicle=_VEHICLES[raw.get("vehicle") or ""],
            load=int(raw.get("load", 0)),
            offered_at=tuple(_KINDS[kind] for kind in raw.get("offered_at", ())),
        )
    except KeyError as error:
        raise WrongCatalogue(f"item {raw.get('code')}: {error} is missing or unknown") from error
    for fits, words in (
        (item.minutes > 0 and item.guide_price >= 0, "minutes and price must not be negative"),
        (item.caregivers in (1, 2), "one caregiver or two"),
        (
            not item.goes_out or ("returns" in raw and item.at_home),
            "begins at home, and says whether it returns",
        ),
        (item.goes_out or item.returns, "what does not go out cannot stay out"),
        (
            item.load >= 0 and bool(item.vehicle) is (item.load > 0),
            "a vehicle and the load it uses go together",
        ),
        (item.at_home is not bool(item.offered_at), "at home, or at places of some kind"),
    ):
        if not fits:
            raise WrongCatalogue(f"item {item.code}: {words}")
    return item


@cache
def load(path: Path = FILE) -> Catalogue:
    """The catalogue of a file; codes are unique. Raises WrongCatalogue."""
    raw = yaml_file.read(path)
    kinds = {kind["code"]: kind["name"] for kind in raw["kinds"]}
    groups = {group["code"]: group["name"] for group in raw["groups"]}
    items = tuple(parse(entry, kinds, groups) for entry in raw["items"])
    if len({item.code for item in items}) != len(items):
        raise WrongCatalogue("a code appears twice")
    heads = [*raw["kinds"], *raw["groups"]]
    return Catalogue(
        items,
        skill_words={skill["code"]: skill["name"] for skill in raw["skills"]},
        plain_words={head["name"]: head.get("plain", head["name"]) for head in heads},
    )
