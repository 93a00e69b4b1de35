"""Which of two records of one person goes on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts for going on: an identity number, being alive, being the older record."""

    id: int
    numbered: bool
    living: bool


def surviving(one: Standing, two: Standing) -> int:
    """The id of the record that goes on: numbered before not, living before dead, else older.

    The answer does not depend on the order of the two.
    """
    return max((one, two), key=lambda record: (record.numbered, record.living, -record.id)).id
