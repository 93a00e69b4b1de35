"""Rows of a feed, and people entered twice."""

from datetime import date
from typing import Any

from songbai.core.crypto import blind_index
from songbai.domain.elders.models import Elder
from songbai.domain.matching.queries import Rows
from songbai.domain.matching.rules import (
    IdNumber,
    check_id_number,
    near_id_numbers,
    normal_phone,
)
from songbai.domain.matching.tests.rows import Row, columns_of
from tests.cast import make_elder


def row(number: str = "", phone: str = "", **said: Any) -> Row:
    """A row about Mrs Wang, as a department would send it; ``number`` and ``phone`` as typed."""
    checked = check_id_number(number)
    valid = isinstance(checked, IdNumber)
    values: dict[str, Any] = {
        "key": "r1",
        "name": "王桂英",
        "birth_date": date(1942, 5, 6),
        "sex": "f",
        "region": "500151001001",
        "phone_index": blind_index(normal_phone(phone)),
        "id_number_index": blind_index(checked.text) if isinstance(checked, IdNumber) else b"",
        "id_number_checked": bool(isinstance(checked, IdNumber) and checked.checked),
        "id_number_near": ()
        if valid or not number
        else tuple(blind_index(near) for near in near_id_numbers(number)),
    }
    return Row(**{**values, **said})


def rows(*several: Row) -> Rows:
    """Rows with keys r1, r2 …"""
    return columns_of(several)


def again(number: int = 77, **facts: Any) -> Elder:
    """Somebody with Mrs Wang's name and birth date under another number."""
    return make_elder("王桂英", number, **facts)
