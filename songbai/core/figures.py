"""Figures: a number with its definition, and the very rows it counts.

A figure stands in a room's ``figures.py``: whoever shows the number can show what is behind it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from songbai.core.accounts.rules import Actor

from .registry import Registry

#: The rows an actor may see of what is counted.
Rows = Callable[[Actor], QuerySet[Any]]
Number = Callable[[QuerySet[Any]], int]


@dataclass(frozen=True)
class Figure:
    """``words`` say what is counted, ``unit`` in what; ``number`` None counts the rows."""

    code: str
    words: str
    unit: str
    rows: Rows
    number: Number | None = None

    def value(self, actor: Actor) -> int:
        """The number, made of the rows this actor may see."""
        rows = self.rows(actor)
        return self.number(rows) if self.number else rows.count()


figures: Registry[Figure] = Registry("figure")


def figure(
    code: str, *, words: str, unit: str, number: Number | None = None
) -> Callable[[Rows], Rows]:
    """Decorator for the query that lists the rows of a figure.

    Raises RuntimeError for a code that is taken.
    """

    def register(rows: Rows) -> Rows:
        figures.add(code, Figure(code, words, unit, rows, number))
        return rows

    return register
