"""What goes through COPY comes back as it was."""

from datetime import UTC

import numpy as np
import pytest
from django.db import connection

from songbai.core.events.models import Event
from songbai.core.ledger.models import LedgerAccount, Transfer
from songbai.core.loading import Load, without_indexes
from songbai.core.regions.models import Region

WORDS = ["反斜杠 \\ 和\t制表符", "换\n行", '引号 "x"']
PLAIN = {"actor_name": "系统", "subject_kind": "order", "region_id": "500151000000"}


@pytest.mark.django_db
def test_awkward_text_arrays_and_json_survive_by_columns() -> None:
    load = Load()
    at = np.array(["2026-03-01T00:30:00"] * 3, "M8[s]")
    payload = [{"words": word, "list": [1, None]} for word in WORDS]
    numbers = {"id": load.take(Event, 3), "subject_id": np.arange(3)}
    load.write(Event, {**PLAIN, **numbers, "at": at, "kind": WORDS, "payload": payload})
    rows = list(Event.objects.order_by("subject_id"))
    assert [row.kind for row in rows] == WORDS
    assert [row.payload for row in rows] == payload
    assert rows[0].at == at[0].item().replace(tzinfo=UTC)
    assert rows[0].person_id is None


@pytest.mark.django_db
def test_rows_that_waited_have_their_numbers_and_later_ones_go_on_behind() -> None:
    load = Load()
    waiting = [load.add(Event(kind=word, subject_id=1, payload=["x"], **PLAIN)) for word in WORDS]
    assert not Event.objects.exists()
    assert load.flush() == 3
    rows = list(Event.objects.order_by("id"))
    assert [row.pk for row in rows] == [row.pk for row in waiting]
    assert [(row.kind, row.payload) for row in rows] == [(word, ["x"]) for word in WORDS]
    assert Event.objects.create(kind="x", subject_id=1, **PLAIN).pk == rows[-1].pk + 1
    assert load.add(Event(kind="y", subject_id=1, **PLAIN)).pk == rows[-1].pk + 2


def test_a_column_without_a_value_is_named() -> None:
    with pytest.raises(KeyError, match=r"events\.Event\.kind"):
        Load().write(Event, {"id": [1], "at": [None]})


@pytest.mark.django_db
def test_what_was_taken_off_for_loading_comes_back() -> None:
    def standing() -> list[tuple[str]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'ledger%'"
                " UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE conrelid = 'ledger_transfer'::regclass ORDER BY 1"
            )
            return list(cursor.fetchall())

    before, stages = standing(), []
    with without_indexes([LedgerAccount, Transfer], lambda name, act: stages.append((name, act()))):
        assert len(standing()) < len(before)
        Region.objects.create(code="500199000000", level=3, name="县", short="县")
    assert standing() == before
    assert stages and stages[0][1] > 5
