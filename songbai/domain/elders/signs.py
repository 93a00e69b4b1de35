"""Signs of life: what says that somebody lives. After a death they are for a person to look at.

Each room declares its own in ``turns.py``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from songbai.core.registry import Registry


@dataclass(frozen=True)
class Sign:
    """Something of a record (its number) that says its person lived on a day; ``subject_id`` is its
    row, ``words`` say what and who: 人社做了生存认证.
    """

    record: int
    subject_id: int
    day: date
    words: str


#: Signs of records (their numbers) after the days on which their people are said to have died.
SignsOf = Callable[[Mapping[int, date]], Iterable[Sign]]
_signs: Registry[SignsOf] = Registry("sign of life")


def sign_of_life(code: str) -> Callable[[SignsOf], SignsOf]:
    """Decorator: a sort of signs. Raises RuntimeError when it comes twice or too late."""

    def register(function: SignsOf) -> SignsOf:
        return _signs.add(code, function)

    return register


def all_signs() -> Iterable[tuple[str, SignsOf]]:
    """Every sort of signs by its code, in the order of the rooms."""
    return [(code, _signs[code]) for code in _signs.names()]
