"""What each department delivers: columns, codes, facts, rhythm. Read from ``catalogues/feeds``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from songbai.core import yaml_file
from songbai.core.sheets.headers import key
from songbai.core.worded import Worded

from .states import Every, Rhythm

FOLDER = Path(__file__).resolve().parents[4] / "catalogues" / "feeds"
#: The column of a record that its department takes back: yes means that it no longer says anything.
WITHDRAWN = "withdrawn"
#: ``observed_at`` for feeds whose rows carry no date: the day the whole file speaks of.
AS_OF = "as_of"

DEPARTMENTS = {
    "gongan": "公安",
    "renshe": "人社",
    "weijian": "卫健",
    "yibao": "医保",
    "canlian": "残联",
    "shichang": "市场监管",
    "minzheng": "民政",
    "village": "村社",
}


class Type(Worded):
    """What a cell holds."""

    TEXT = "text", "文字"
    NAME = "name", "姓名"
    ADDRESS = "address", "地址"
    ID_NUMBER = "id_number", "公民身份号码，18 位或 15 位"
    USCC = "uscc", "统一社会信用代码，18 位"
    PHONE = "phone", "电话号码"
    BANK_CARD = "bank_card", "银行账号，12–30 位数字"
    REGION = "region", "12 位统计用区划代码"
    DATE = "date", "日期，如 2026-11-22、20261122、2026年11月22日"
    MONTH = "month", "月份，如 2026-11、202611、2026年11月"
    CODE = "code", "代码"
    YES_NO = "yes_no", "是 / 否"
    MONEY = "money", "金额，元，最多两位小数"
    INTEGER = "integer", "整数"


PERSONAL = frozenset({Type.NAME, Type.ADDRESS, Type.ID_NUMBER, Type.PHONE, Type.BANK_CARD})


class WrongSchema(ValueError):
    """A schema file that cannot be used; the message names the file and the place."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Column(_Strict):
    """One column of a delivery. ``elsewhere``: a division may lie in another city."""

    name: str
    title: str
    type: Type
    aliases: tuple[str, ...] = ()
    required: bool = False
    personal: bool = False
    length: int = 100
    most: int = 0
    codes: dict[str, tuple[str, ...]] = {}
    past: bool = False
    not_before: str = ""
    elsewhere: bool = False

    @property
    def is_personal(self) -> bool:
        """Whether its cells are never kept or shown in plain."""
        return self.personal or self.type in PERSONAL

    @property
    def headers(self) -> tuple[str, ...]:
        """Every heading by which it is known."""
        return (self.title, *self.aliases)


class FactRule(_Strict):
    """A fact that a row makes: the kind, the column of its value, and how long it holds."""

    kind: str
    column: str
    valid_from: str = ""
    valid_to: str = ""


class Leaving(_Strict):
    """The code of a column by which a row says that somebody left."""

    column: str
    code: str


class _Rhythm(_Strict):
    every: Every
    day: int = 1
    grace_days: int = 0


class Schema(_Strict):
    """One feed. ``complete`` names the fact kinds of which it is the complete list of a division:
    who is not in it has the value that ``catalogues/facts.yaml`` gives to silence.
    """

    code: str
    department: str
    title: str
    about: str
    legal_basis: str = ""
    verified: bool
    rhythm: _Rhythm
    list: Literal["full", "changes"]
    complete: tuple[str, ...] = ()
    subject: Literal["person", "organisation"] = "person"
    unknown_people: Literal["register", "list"] = "list"
    source_id: tuple[str, ...]
    observed_at: str
    urgent: bool = False
    leaving: Leaving | None = None
    columns: tuple[Column, ...]
    facts: tuple[FactRule, ...]

    @model_validator(mode="after")
    def _names_exist(self) -> Schema:
        known = {column.name for column in self.columns}
        used = {*self.source_id, *(f.column for f in self.facts)}
        used |= {name for f in self.facts for name in (f.valid_from, f.valid_to) if name}
        used |= {column.not_before for column in self.columns if column.not_before}
        used |= {self.observed_at} - {AS_OF}
        used |= {self.leaving.column} if self.leaving else set()
        if used - known:
            raise ValueError(f"no such column: {sorted(used - known)}")
        if self.department not in DEPARTMENTS:
            raise ValueError(f"no such department: {self.department}")
        if self.complete and (self.list != "full" or set(self.complete) - self.kinds):
            raise ValueError("only a full list can be complete, and only for the facts it makes")
        return self

    @property
    def kinds(self) -> set[str]:
        """Fact kinds it makes."""
        return {fact.kind for fact in self.facts}

    @property
    def due(self) -> Rhythm:
        """Its rhythm."""
        return Rhythm(self.rhythm.every, self.rhythm.day, self.rhythm.grace_days)

    @property
    def department_name(self) -> str:
        """公安."""
        return DEPARTMENTS[self.department]

    @property
    def places(self) -> tuple[FactRule, ...]:
        """Facts that are divisions, the one that says where to first."""
        return tuple(f for f in self.facts if self.column(f.column).type is Type.REGION)

    def position(self, name: str) -> int:
        """Where a column stands among the columns."""
        return self._positions()[name]

    def column(self, name: str) -> Column:
        """One column by its name."""
        return self.columns[self.position(name)]

    def _positions(self) -> dict[str, int]:
        return {column.name: at for at, column in enumerate(self.columns)}


@cache
def schemas() -> Mapping[str, Schema]:
    """All feeds by code, departments in their order. Raises WrongSchema."""
    order = list(DEPARTMENTS)
    found = [_read(path) for path in sorted(FOLDER.glob("*.yaml"))]
    return {s.code: s for s in sorted(found, key=lambda s: (order.index(s.department), s.code))}


def _read(path: Path) -> Schema:
    try:
        schema = Schema.model_validate(yaml_file.read(path))
    except ValueError as error:
        raise WrongSchema(f"{path.name}: {error}") from error
    if schema.code != path.stem:
        raise WrongSchema(f"{path.name}: code is {schema.code}")
    return schema


class Layout(_Strict):
    """Which heading of a file is which column of the schema (``places``: column → heading).

    ``extra`` are headings nothing is read from.
    """

    headers: tuple[str, ...]
    places: dict[str, str]
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()


def lay_out(
    schema: Schema, headers: Sequence[str], mapping: Mapping[str, str] | None = None
) -> Layout:
    """Find the schema's columns among a file's headings; ``mapping`` names heading → column.

    A heading mapped to "" is left out, whatever it is called. ``missing`` holds the titles of
    required columns that no heading names.
    """
    plain = [key(header) for header in headers]
    said = {key(heading): name for heading, name in (mapping or {}).items()}
    left_out = {heading for heading, name in said.items() if not name}
    places: dict[str, str] = {}
    taken: set[str] = set()

    def take(name: str, heading: str) -> None:
        free = heading in plain and heading not in taken and heading not in left_out
        if name and name not in places and free:
            places[name] = headers[plain.index(heading)]
            taken.add(heading)

    for heading, name in said.items():
        take(name, heading)
    for column in schema.columns:
        for heading in (*column.headers, column.name):
            take(column.name, key(heading))
    missing = tuple(c.title for c in schema.columns if c.required and c.name not in places)
    extra = tuple(h for h in headers if key(h) not in taken and h.strip())
    return Layout(headers=tuple(headers), places=places, missing=missing, extra=extra)
