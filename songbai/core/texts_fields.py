"""Columns of text that are stored in one form, whoever writes them, and found in any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from songbai.core.texts import FORMS

if TYPE_CHECKING:
    Base = models.CharField[str, str]
else:
    Base = models.CharField


class FormedField(Base):
    """A text column whose values and look-ups pass ``texts.FORMS[form]``."""

    def __init__(self, *args: Any, form: str = "", **kwargs: Any) -> None:
        self.form = form
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """To a migration it is the text column it is."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def get_prep_value(self, value: Any) -> Any:
        """The value as it is stored and searched."""
        plain = super().get_prep_value(value)
        return FORMS[self.form](plain) if isinstance(plain, str) else plain

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """The value as it is stored, which the instance holds from now on too."""
        value = self.get_prep_value(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value
