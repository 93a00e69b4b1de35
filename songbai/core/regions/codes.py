"""Which division codes there are, from files: for what is checked without a database.

Down to districts the list of python-stdnum (identity numbers carry these codes), below that
``catalogues/regions/divisions.csv`` for the districts it holds.
"""

import csv
from functools import cache
from pathlib import Path

from stdnum import numdb

from .rules import DIGITS, Level

DIVISIONS = Path(__file__).resolve().parents[3] / "catalogues" / "regions" / "divisions.csv"
_DISTRICT = DIGITS[Level.DISTRICT]


@cache
def _listed() -> frozenset[str]:
    with DIVISIONS.open(encoding="utf-8", newline="") as lines:
        return frozenset(row["code"] for row in csv.DictReader(lines))


def is_known(prefix: str) -> bool:
    """Whether a code of 2 to 12 digits names a division.

    Towns and villages of a district that is not in the list are believed.
    """
    full = prefix.ljust(12, "0")
    if full in _listed():
        return True
    if len(prefix) > _DISTRICT:
        district = prefix[:_DISTRICT]
        return district.ljust(12, "0") not in _listed() and is_known(district)
    parts = numdb.get("cn/loc").info(full[:_DISTRICT])
    return len(parts) > 1 and bool(parts[-1][1])
