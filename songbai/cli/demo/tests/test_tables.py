"""What goes through COPY comes back as it was."""

from __future__ import annotations

import numpy as np
import pytest

from songbai.cli.demo import tables
from songbai.core import clock
from songbai.core.events.models import Event
from songbai.core.regions.models import Region


@pytest.mark.django_db
def test_awkward_text_arrays_and_json_survive() -> None:
    words = ["反斜杠 \\ 和\t制表符", "换\n行", '引号 "x"']
    numbers = tables.Numbers()
    at = np.array(["2026-03-01T00:30:00", "2026-03-01T00:30:00", "2026-03-01T00:30:00"], "M8[s]")
    tables.write(
        Event,
        {
            "id": numbers.take(Event, 3),
            "at": at,
            "kind": words,
            "actor_name": "系统",
            "subject_kind": "order",
            "subject_id": np.arange(3),
            "region_id": "500151000000",
            "payload": [{"words": word, "list": [1, None]} for word in words],
        },
    )
    rows = list(Event.objects.order_by("subject_id"))
    assert [row.kind for row in rows] == words
    assert [row.payload["words"] for row in rows] == words
    assert rows[0].at == clock.at(at[0].item().date(), 8, 30)
    assert rows[0].person_id is None
    numbers.settle()
    assert (
        Event.objects.create(
            kind="x", actor_name="", subject_kind="", subject_id=1, region_id="5"
        ).pk
        > rows[-1].pk
    )


@pytest.mark.django_db
def test_more_rows_than_one_block_arrive_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "CHUNK", 7)
    codes = [f"50{number:010d}" for number in range(40)]
    tables.write(Region, {"code": codes, "level": 5, "name": "村", "short": "村"})
    assert list(Region.objects.order_by("code").values_list("code", flat=True)) == codes


def test_a_column_without_a_value_is_named() -> None:
    with pytest.raises(KeyError, match=r"events\.Event\.kind"):
        tables.missing_columns(Event, {"id": [1], "at": [None]})
