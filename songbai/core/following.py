"""How the rows about a person follow what happens to that person; each table says so once.

``follows`` stands in a room's ``declares.py``, for every table with a column that names a person.
The mechanisms (joining records, moving, erasing) ask here which tables are theirs to touch.
"""

from dataclasses import dataclass
from typing import Literal

from django.apps import apps
from django.db import models

from .crypto.fields import EncryptedField
from .registry import Registry

Model = type[models.Model]


#: What becomes of a record's rows when it turns out to be one person with another record: they go
#: to the record that survives, and come back when the merge is undone; the same, but what they hold
#: is ended before and given again after (see ``under_way``); an action of their room takes them
#: along; they tell what was, stay with their record and are read for the person; they speak of the
#: record as it was entered, not of the person.
OnMerge = Literal["carried", "handed over", "own", "together", "record"]
#: When the person dies: they tell what was; what lies ahead ends; nothing flows until somebody
#: decides.
OnDeath = Literal["stays", "ends", "held"]
#: When the person moves: the new place sees them and the old one no longer; they are filed where it
#: happened.
OnMove = Literal["goes along", "stays"]
#: When the person is erased: nothing in it says who it was (log, ledger, counts); the erasing
#: action knows the table by name. All others are emptied, see ``empties``.
OnErasure = Literal["kept", "own"]


#: Erasure empties every encrypted column, and these texts.
Empties = tuple[str, ...]


def empties(*texts: str) -> Empties:
    """Erasure empties every encrypted column, and these texts."""
    return texts


@dataclass(frozen=True)
class Following:
    """How one table follows, and which of its columns says whose its rows are."""

    model: Model
    person: str
    merge: OnMerge
    death: OnDeath
    move: OnMove
    erasure: OnErasure | Empties

    @property
    def table(self) -> str:
        """The table's name in the database."""
        return self.model._meta.db_table

    @property
    def secret(self) -> list[str]:
        """Encrypted columns."""
        fields = self.model._meta.local_concrete_fields
        return [str(field.column) for field in fields if isinstance(field, EncryptedField)]

    @property
    def texts(self) -> tuple[str, ...]:
        """Texts that say something about the person."""
        return self.erasure if isinstance(self.erasure, tuple) else ()


def _missing() -> list[str]:
    undeclared = [
        f"{model.__module__.partition('.models')[0]}.declares: follows({model.__name__}, …)"
        f" is missing; {', '.join(columns)} names a person"
        for model in apps.get_models()
        if (columns := naming(model)) and model._meta.label not in _following
    ]
    secret = [
        f"{_following.file_of(one.model._meta.label)}: {one.table} has encrypted columns;"
        " say erasure=empties()"
        for one in _following
        if one.erasure == "kept" and one.secret
    ]
    return undeclared + secret


_following: Registry[Following] = Registry("table", _missing)
_people: list[Model] = []


def person(model: Model) -> None:
    """Say which model is the register of people: foreign keys to it name a person."""
    _people.append(model)


def follows(
    model: Model,
    *,
    merge: OnMerge,
    death: OnDeath,
    move: OnMove,
    erasure: OnErasure | Empties,
    person: str = "",
) -> None:
    """Declare how a table that names a person follows.

    ``person`` is the column, where the table has more than one. Raises RuntimeError when the table
    is declared twice or too late, FieldDoesNotExist for a text that is no column.
    """
    column = person or ("id" if model in _people else naming(model)[0])
    found = Following(model, column, merge, death, move, erasure)
    for text in found.texts:
        model._meta.get_field(text)
    _following.add(model._meta.label, found)


def naming(model: Model) -> list[str]:
    """Columns of a table that name a person."""
    return [
        str(field.column)
        for field in model._meta.local_concrete_fields
        if field.related_model in _people or field.name == "person_id"
    ]


def following() -> list[Following]:
    """Every table that names a person, the ground floor first."""
    return list(_following)
