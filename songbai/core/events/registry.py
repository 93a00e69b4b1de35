"""Kinds of events and how each reads, declared by the rooms and closed when the program started."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from songbai.core.registry import Registry

#: What an event says: its payload, with what a page knows besides.
Told = Mapping[str, Any]
Words = str | Callable[[Told], str]
#: Who reads: an office, the desk and the provider in an order's story, a family.
Reader = Literal["office", "desk", "family"]


@dataclass(frozen=True)
class Kind:
    """One kind of event in the words of each reader; no words: it tells that reader nothing."""

    code: str
    office: Words
    desk: Words = ""
    family: Words = ""


_kinds: Registry[Kind] = Registry("kind of event")


def event(code: str, office: Words, *, desk: Words = "", family: Words = "") -> None:
    """Declare a kind of event with its words; stands in a room's ``declares.py``.

    A plain sentence for the office gets the event's reason behind it. A family's words begin with
    ``told["who"]``. Raises RuntimeError when it is declared twice or too late.
    """
    _kinds.add(code, Kind(code, office, desk, family))


def kind_of(code: str) -> Kind:
    """The kind of this code.

    Raises RuntimeError for one that no room declares.
    """
    if code not in _kinds:
        raise RuntimeError(f"event {code!r} has no words: declare it in the room's declares.py")
    return _kinds[code]


def kinds() -> list[Kind]:
    """Every kind that can be published."""
    return list(_kinds)


def said(code: str, told: Told, reader: Reader = "office") -> str:
    """What happened, in one clause for this reader; empty where it tells that reader nothing.

    An event of a kind that the house no longer has keeps its row and is called so.
    """
    kind = _kinds.get(code) or Kind(code, "已停用的一类记录")
    words: Words = getattr(kind, reader)
    if callable(words):
        return words(told)
    return detailed(words, told.get("reason", "")) if reader == "office" else words


def detailed(words: str, *details: str) -> str:
    """派人：李*，离得近."""
    return f"{words}：{listed(*details)}" if any(details) else words


def listed(*parts: str) -> str:
    """What is not empty, one after the other."""
    return "，".join(part for part in parts if part)
