"""Rows about organisations go to the providers."""

from collections.abc import Sequence
from datetime import date

from songbai.core.accounts.rules import SYSTEM
from songbai.domain.feeds.reading.rows import Prepared
from songbai.domain.feeds.rules.schema import Schema
from songbai.domain.providers.actions import Registered, note_registration
from songbai.domain.providers.rules import RegistrationStatus


def note(schema: Schema, rows: Prepared, standing: Sequence[str]) -> None:
    """Hand over what the market regulator says; what was said before is not said again."""
    if schema.code != "shichang_providers":
        raise NotImplementedError(schema.code)
    values = rows.values

    def text(name: str, row: int) -> str:
        return str(values[name][row] or "")

    def day(name: str, row: int) -> date | None:
        value = values[name][row]
        return value if isinstance(value, date) else None

    for row, word in enumerate(standing):
        if word == "repeated":
            continue
        note_registration(
            SYSTEM,
            Registered(
                uscc=text("uscc", row),
                name=text("name", row),
                region=text("region", row),
                status=RegistrationStatus(text("status", row)),
                changed_on=day("changed_on", row) or rows.observed[row].date(),
                address=text("address", row),
                legal_person=text("legal_person", row),
                phone=text("phone", row),
                established_on=day("established_on", row),
            ),
        )
