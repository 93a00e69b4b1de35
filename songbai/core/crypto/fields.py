"""Model fields that say what is encrypted: the one place every other part reads it from.

Rotation, erasure and the tests walk the models and find these fields; there is no second list.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models


class _PlainInMigrations(models.BinaryField):  # type: ignore[type-arg]  # generic in stubs only
    """To a migration it is the binary column it is."""

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """As a ``BinaryField``."""
        name, _, args, kwargs = super().deconstruct()
        return str(name), "django.db.models.BinaryField", args, kwargs


class EncryptedField(_PlainInMigrations):
    """A column that holds what ``crypto.encrypt`` returns; b"" for nothing.

    ``bulky`` columns (files) are rotated a few rows at a time.
    """

    def __init__(self, *args: Any, bulky: bool = False, **kwargs: Any) -> None:
        self.bulky = bulky
        super().__init__(*args, **kwargs)


class BlindIndexField(_PlainInMigrations):
    """A column that holds ``crypto.blind_index`` of the text in the encrypted column ``of``.

    Without ``of`` the text is not kept, so the index cannot be made anew.
    """

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        self.of = of
        kwargs.setdefault("max_length", 32)
        super().__init__(*args, **kwargs)


def encrypted() -> Iterator[tuple[type[models.Model], list[EncryptedField]]]:
    """Every model with encrypted columns, by table name."""
    yield from _having(EncryptedField)


def indexed() -> Iterator[tuple[type[models.Model], list[BlindIndexField]]]:
    """Every model with blind indexes, by table name."""
    yield from _having(BlindIndexField)


def _having(kind: Any) -> Iterator[tuple[type[models.Model], list[Any]]]:
    for model in sorted(apps.get_models(), key=lambda one: one._meta.db_table):
        found = [field for field in model._meta.local_concrete_fields if isinstance(field, kind)]
        if found and model._meta.managed and not model._meta.proxy:
            yield model, found
