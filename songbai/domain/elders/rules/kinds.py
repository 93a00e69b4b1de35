"""The kinds of facts the register keeps (``catalogues/facts.yaml``) and what a value may be."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from songbai.core import texts, yaml_file
from songbai.core.errors import Refused

from .ages import ages, possible_birth

FILE = Path(__file__).resolve().parents[4] / "catalogues" / "facts.yaml"
FORMAT = "songbai-registry-facts/1"
#: A clerk's settlement of a conflict; above every source until one that reopens speaks again.
DECISION = "decision"
#: What the register held before anybody reported it; stands below every source.
REGISTER = "register"
BIRTH, DEATH, BANK_CARD = "birth_date", "death", "bank_card"
#: Kinds that say where somebody belongs: the hukou, and where they live.
HUKOU, RESIDENCE = PLACES = ("hukou", "residence")
#: The row of a decision on an account that two officers took knowing that it is another's, too.
SHARED = "shared"
#: Columns of the register that may follow a kind.
COLUMNS = frozenset(
    ("name", "sex", "birth_date", "died_on", "hardship", "living", "special_family",
     "ability_level", "phone", "address")
)  # fmt: skip
#: The default of a closed list that stands for the district the person is registered in.
DISTRICT = "@district"


class ValueType(StrEnum):
    """How a value is written. Every value is text; empty is never one."""

    CODE = "code"
    BOOL = "bool"  # true, false
    WHOLE = "whole"  # an integer
    FEN = "fen"  # money, integer fen
    DATE = "date"  # 2026-01-31
    REGION = "region"  # 12-digit division code
    TEXT = "text"
    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"
    CARD = "card"  # the number of a bank account


#: The one stored form of texts that people write in many ways.
_FORMS = {
    ValueType.NAME: texts.person_name,
    ValueType.PHONE: texts.phone,
    ValueType.ADDRESS: texts.address,
    ValueType.CARD: texts.card,
    ValueType.REGION: lambda text, title: texts.digits(text, 12, f"{title}（区划代码）"),
}


@dataclass(frozen=True)
class Kind:
    """One kind of fact; see the head of the catalogue for the meaning of each field."""

    code: str
    name: str
    type: ValueType
    sources: tuple[str, ...]
    codes: dict[str, str] = field(default_factory=dict)
    low: int = 0
    high: int = 2**53
    secret: bool = False
    personal: bool = False
    past: bool = False
    plain: str = ""
    at_office: bool = False
    conflict: tuple[str, ...] = ()
    reopens: tuple[str, ...] = ()
    stale_days: int | None = None
    column: str = ""
    default: str | None = None
    closed: dict[str, str] = field(default_factory=dict)

    @property
    def asked(self) -> str:
        """Its name, as family and caregiver are asked for it."""
        return self.plain or self.name


class WrongCatalogue(ValueError):
    """A catalogue of facts that cannot be used; the message names the kind."""


class WrongValue(Refused):
    """这个值不能登记。"""

    field = "value"


class UnknownKind(Refused):
    """没有这种情况可以登记。"""

    field = "kind"


class WrongSource(Refused):
    """这个部门不能说明这种情况。"""

    field = "source"


@cache
def kinds() -> dict[str, Kind]:
    """All kinds by code, in the order of the catalogue. Raises WrongCatalogue."""
    return parse(_file())


@cache
def source_words() -> dict[str, str]:
    """Names of the departments and other sources, by code."""
    return dict(_file()["sources"])


def _file() -> dict[str, Any]:
    raw: dict[str, Any] = yaml_file.read(FILE)
    return raw


def parse(raw: dict[str, Any]) -> dict[str, Kind]:
    """The kinds of a catalogue. Raises WrongCatalogue."""
    if raw.get("format") != FORMAT:
        raise WrongCatalogue(f"format is not {FORMAT}")
    found = {code: _kind(code, entry, set(raw["sources"])) for code, entry in raw["kinds"].items()}
    for kind in found.values():
        if kind.column and kind.column not in COLUMNS:
            known = "、".join(sorted(COLUMNS))
            raise WrongCatalogue(f"{kind.code}: column {kind.column} 不在登记里，可以写：{known}")
        if REGISTER in kind.sources and not kind.column:
            raise WrongCatalogue(f"{kind.code}: sources 里有 {REGISTER}，要写 column")
    columns = [kind.column for kind in found.values() if kind.column]
    if len(columns) != len(set(columns)):
        raise WrongCatalogue("two kinds write one column")
    return found


def _kind(code: str, entry: dict[str, Any], known: set[str]) -> Kind:
    entry = dict(entry)
    kind = Kind(
        code=code,
        type=ValueType(entry.pop("type")),
        sources=tuple(entry.pop("sources")),
        conflict=tuple(entry.pop("conflict", ())),
        reopens=tuple(entry.pop("reopens", ())),
        stale_days=entry.pop("stale", None),
        **entry,
    )
    strangers = {*kind.sources, *kind.conflict, *kind.reopens, *kind.closed} - known
    if strangers:
        raise WrongCatalogue(f"{code}: unknown sources {sorted(strangers)}")
    if not {*kind.conflict, *kind.reopens, *kind.closed} <= set(kind.sources):
        raise WrongCatalogue(f"{code}: a source that settles or closes must be one that may say it")
    if kind.high < kind.low:
        raise WrongCatalogue(f"{code}: high {kind.high} is below low {kind.low}")
    if (kind.type is ValueType.CODE) != bool(kind.codes):
        raise WrongCatalogue(f"{code}: codes belong to type code")
    for default in (kind.default, *kind.closed.values()):
        if default not in (None, DISTRICT):
            check(kind, default)
    return kind


def kind_of(code: str) -> Kind:
    """One kind. Raises UnknownKind."""
    try:
        return kinds()[code]
    except KeyError as error:
        raise UnknownKind from error


def check(kind: Kind, text: str, today: date = date.max) -> str:
    """The value as it is stored; what has happened is not after ``today``.

    Raises WrongValue with what is wrong and what would be right.
    """
    text = text.strip()
    if not text or len(text) > (200 if kind.secret else 60):
        raise WrongValue(f"{kind.name}没有填，或者太长。")
    if "\x00" in text:
        raise WrongValue(f"{kind.name}里有不能保存的字符。")
    if kind.type in _FORMS:
        try:
            return _FORMS[kind.type](text, kind.name)
        except texts.WrongText as error:
            raise WrongValue(error.message) from error
    match kind.type:
        case ValueType.CODE if text not in kind.codes:
            raise WrongValue(f"{kind.name}只能是：{'、'.join(kind.codes.values())}。")
        case ValueType.BOOL if text not in {"true", "false"}:
            raise WrongValue(f"{kind.name}只能是“是”或“否”。")
        case ValueType.WHOLE | ValueType.FEN:
            text = texts.narrow(text)
            if wrong := texts.wrong_character(text, "0-9", text, kind.name):
                raise WrongValue(wrong)
            if len(text) > 15 or not kind.low <= int(text) <= kind.high:
                limits = f"{kind.low} 到 {kind.high}" if kind.high < 2**53 else "0 以上"
                raise WrongValue(f"{kind.name}要填整数，{limits}。")
            return str(int(text))
        case ValueType.DATE:
            return _day(kind, text, today)
    return text


def fit_together(kind: Kind, value: str, birth: date | None, death: date | None) -> None:
    """A value as ``check`` gave it against the other end of the life it belongs to.

    Raises WrongValue when somebody would have died before being born.
    """
    if kind.code == DEATH and birth and value < birth.isoformat():
        raise WrongValue(f"{kind.name}早于登记的出生日期 {birth}，请核对哪一个写错了。")
    if kind.code == BIRTH and death and value > death.isoformat():
        raise WrongValue(f"{kind.name}晚于登记的去世日期 {death}，请核对哪一个写错了。")


def compared(kind: Kind, value: str) -> str:
    """What of a stored value counts when two sources are compared; SQL says the same
    (``queries.facts.sql.COMPARED``).
    """
    return texts.bare_name(value) if kind.type is ValueType.NAME else value


def words(kind: Kind, value: str) -> str:
    """A value as people read it; the caller decrypts secret ones."""
    match kind.type:
        case ValueType.CODE:
            return kind.codes.get(value, value)
        case ValueType.BOOL:
            return "是" if value == "true" else "否"
        case ValueType.FEN:
            return f"{int(value) // 100}.{int(value) % 100:02d} 元"
    return value


def _day(kind: Kind, text: str, today: date) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise WrongValue(f"{kind.name}要填日期，例如 2026-01-31。") from error
    if not 1850 <= day.year <= 2200:
        raise WrongValue(f"{kind.name}的年份不对。")
    if kind.past and day > today:
        raise WrongValue(f"{kind.name}在今天以后，请核对。")
    if kind.code == BIRTH and today < date.max and not possible_birth(day, today):
        raise WrongValue(f"没有人活过 {ages().oldest} 周岁，请核对{kind.name}。")
    return day.isoformat()
