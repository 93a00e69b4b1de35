"""One answer sheet from what several devices sent, in any order, as often as they like.

Each tap names the taps it replaces (those its device had seen for the item). Taps nobody replaced
are the heads of an item; one head is the answer, two heads with different values are a question for
the assessor. Nothing is lost, and the result does not depend on the order of arrival.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Tap:
    """One answer as a device recorded it; ``at`` is the device's own time."""

    record: UUID
    item: str
    value: Any
    device: str
    at: datetime
    replaces: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Sheet:
    """What holds now: the answers, and items on which devices disagree with their heads."""

    answers: dict[str, Any]
    questions: dict[str, tuple[Tap, ...]]
    heads: dict[str, tuple[UUID, ...]]


def merge(taps: Iterable[Tap]) -> Sheet:
    """The sheet that these taps make together. A questioned item shows its earliest head."""
    known = {tap.record: tap for tap in taps}
    by_item: defaultdict[str, list[Tap]] = defaultdict(list)
    for tap in known.values():
        by_item[tap.item].append(tap)
    answers: dict[str, Any] = {}
    questions: dict[str, tuple[Tap, ...]] = {}
    heads: dict[str, tuple[UUID, ...]] = {}
    for item, all_of_item in sorted(by_item.items()):
        gone = {record for tap in all_of_item for record in tap.replaces if record != tap.record}
        left = [tap for tap in all_of_item if tap.record not in gone]
        if not left:  # taps that replace each other in a circle: no device does that honestly
            left = all_of_item
        left.sort(key=lambda tap: (tap.at, tap.record.bytes))
        answers[item] = left[0].value
        heads[item] = tuple(tap.record for tap in left)
        if any(tap.value != left[0].value for tap in left):
            questions[item] = tuple(left)
    return Sheet(answers, questions, heads)


@dataclass(frozen=True)
class Difference:
    """An item on which two assessors disagree."""

    code: str
    values: tuple[Any, ...]


def differences(sheets: Iterable[dict[str, Any]]) -> list[Difference]:
    """Items and background on which the assessors' sheets are not the same, in order."""
    given = list(sheets)
    codes = dict.fromkeys(code for sheet in given for code in sheet)
    found = [Difference(code, tuple(sheet.get(code) for sheet in given)) for code in codes]
    return [one for one in found if any(value != one.values[0] for value in one.values)]
