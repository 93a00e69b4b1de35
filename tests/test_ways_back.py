"""Life goes backwards: from every state a way leads back, or its declaration says what does."""

from enum import StrEnum

import pytest
from django.apps import apps
from django.db import models

from songbai.core.states import Machine, machine

STATES = [
    (model, field)
    for model in apps.get_models()
    for field in model._meta.local_concrete_fields
    if field.name == "state" and field.choices
]


def machine_of(model: type[models.Model]) -> Machine:
    """The ways of a table's ``state``."""
    (found,) = (one for one in model._meta.triggers if isinstance(one, Machine))  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize(("model", "field"), STATES, ids=lambda one: getattr(one, "__name__", ""))
def test_each_state_has_a_way_back_or_a_reason(
    model: type[models.Model], field: "models.Field[str, str]"
) -> None:
    if model._meta.label == "benefits.CycleStep":
        return  # a history of states, never changed
    ways = machine_of(model)
    codes = {code for code, _ in field.flatchoices}
    final = codes - {old for old, _ in ways.transitions}
    assert {str(one.value) for one in ways.ends} == final
    assert all(len(reason.split()) > 1 for reason in ways.ends.values())
    assert {code for way in ways.transitions for code in way} <= codes


class Door(StrEnum):
    """Two states."""

    OPEN = "open"
    SHUT = "shut"


def test_an_end_without_a_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="no way back"):
        machine("door", [(Door.OPEN, Door.SHUT)])
    with pytest.raises(ValueError, match="no way back"):
        machine("door", [(Door.OPEN, Door.SHUT), (Door.SHUT, Door.OPEN)], {Door.SHUT: "locked"})
    assert machine("door", [(Door.OPEN, Door.SHUT)], {Door.SHUT: "it is locked"}).ends
