"""A loaded row and an acted row are alike: every column, event, transfer and right to look.

One story is told twice from the same beginning, by the actions and by the loaders; then every table
that either of them wrote must hold the same.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Model

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.geo import Place
from songbai.core.ledger.loading import Books
from songbai.core.ledger.registry import payer_of
from songbai.core.loading import Load
from songbai.domain.benefits.actions import lapse
from songbai.domain.benefits.tests.giving import grant_credit
from songbai.domain.catalogue.models import Offer
from songbai.domain.dispatch import loading as dispatch
from songbai.domain.dispatch.actions import assign
from songbai.domain.dispatch.actions.common import Sent
from songbai.domain.dispatch.models import Assignment
from songbai.domain.elders.queries import home_of
from songbai.domain.orders import loading as orders
from songbai.domain.orders.actions import NewOrder, cancel, confirm, place, settle_month
from songbai.domain.orders.models import Order, PayerShare
from songbai.domain.orders.rules import Share, Split
from songbai.domain.providers.models import Shift
from songbai.domain.visits import loading as visits
from songbai.domain.visits.actions import Scan, check_in, check_out, look, record_step
from songbai.domain.visits.models import Visit, VisitStep
from songbai.domain.visits.queries import asked_steps
from songbai.domain.visits.rules import Doubt

from .acts import written
from .cast import HOME, Cast

FAR = Place(HOME.longitude, HOME.latitude + 0.027)
WHY = "小区里信号不好"
OFF = 3
Rows = dict[str, list[dict[str, Any]]]


@dataclass
class Story:
    """When it plays, and what its first telling chose: who goes, who pays what, what was said."""

    cast: Cast
    day: date
    sent: dict[int, Sent] = field(default_factory=dict)
    splits: dict[int, Split] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)

    @property
    def month(self) -> str:
        return clock.month_of(self.day)

    @property
    def end(self) -> datetime:
        """The first moment after the month."""
        return clock.at(clock.month_bounds(self.month)[1], 0)

    def at(self, hour: int, minute: int = 0, days: int = 0) -> datetime:
        return clock.at(self.day + timedelta(days=days), hour, minute)

    def visits(self) -> list[tuple[int, datetime, Place]]:
        """A good visit and a doubtful one: number, beginning, where her phone was."""
        return [(1, self.at(9), HOME), (2, self.at(14), FAR)]

    def wanted(self, number: int, begins: datetime) -> NewOrder:
        hours = begins, begins + timedelta(hours=2)
        key = uuid.UUID(int=number, version=4)
        return NewOrder(
            key, self.cast.mother, [self.cast.bath.pk], *hours, note="请敲门", again=True
        )

    def scan(self, number: int, at: datetime, place: Place) -> Scan:
        code, why = str(self.cast.mother.door_code), WHY if place is FAR else ""
        return Scan(uuid.UUID(int=number, version=4), code, place, at, why)


def by_actions(story: Story) -> None:
    """A credit, an order called off, two kept, one of them doubted; all paid out; the rest back."""
    cast = story.cast
    with clock.moved_to(story.at(1, days=-2)):
        grant_credit(SYSTEM, cast.mother, story.month)
    with clock.moved_to(story.at(7, days=-1)):
        off = place(cast.daughter, story.wanted(OFF, story.at(11)))
    with clock.moved_to(story.at(8, days=-1)):
        cancel(cast.daughter, off.pk, "改天再约")
    for number, begins, where in story.visits():
        with clock.moved_to(story.at(9, number, days=-1)):
            order = place(cast.daughter, story.wanted(number, begins))
        with clock.moved_to(story.at(17, number, days=-1)):
            sent = assign(cast.dispatcher, order.pk, cast.staff.pk, reason="熟悉这位老人")
        came, left = begins + timedelta(minutes=5), begins + timedelta(minutes=70)
        with clock.moved_to(came):
            visit = check_in(cast.caregiver, sent.pk, story.scan(number * 10, came, where))
        for step in asked_steps(visit):
            with clock.moved_to(came + timedelta(minutes=10)):
                record_step(cast.caregiver, visit.pk, step.code, done=True, value=written(step))
        with clock.moved_to(left):
            check_out(cast.caregiver, visit.pk, story.scan(number * 10 + 1, left, where))
        if where is FAR:
            with clock.moved_to(left + timedelta(hours=1)):
                look(cast.dispatcher, order.pk, given=True, reason=WHY)
        with clock.moved_to(left + timedelta(hours=2)):
            confirm(cast.daughter, order.pk, stars=5, comment="很好")
    with clock.moved_to(story.end):
        lapse(SYSTEM)
    with clock.moved_to(story.end + timedelta(days=4)):
        settle_month(cast.officer, cast.provider.pk, story.month)


def remember(story: Story) -> None:
    """What the actions chose."""
    for order in Order.objects.all():
        number = order.idempotency_key.int & 0xFF
        shares = PayerShare.objects.filter(order=order).order_by("id")
        story.splits[number] = Split(tuple(Share(payer_of(s.payer), s.amount) for s in shares))
        for row in Assignment.objects.filter(order=order):
            story.sent[number] = Sent(
                row.staff_id, row.starts_at, row.travel_minutes, row.metres, row.reason,
                row.others, row.override_reason, row.seat,
            )  # fmt: skip
    story.said = dict(VisitStep.objects.values_list("code", "value"))


def by_loaders(story: Story) -> None:
    """The same story by volume's way."""
    cast, load = story.cast, Load()
    with clock.moved_to(story.at(1, days=-2)):
        grant_credit(SYSTEM, cast.mother, story.month)
    past = orders.Past(load, Books(load))
    offers = [Offer.objects.select_related("item", "provider").get(pk=cast.bath.pk)]
    new, split = story.wanted(OFF, story.at(11)), story.splits[OFF]
    off = past.place(cast.daughter, story.at(7, days=-1), new, offers, None, split)
    past.cancel(cast.daughter, story.at(8, days=-1), off, "改天再约")
    home, reasons, kept = home_of(cast.mother), {Doubt.FAR: WHY}, []
    for number, begins, where in story.visits():
        placed, decided = story.at(9, number, days=-1), story.at(17, number, days=-1)
        new, split = story.wanted(number, begins), story.splits[number]
        order = past.place(cast.daughter, placed, new, offers, None, split)
        sent = dispatch.send(past, cast.dispatcher, decided, order, story.sent[number], cast.staff)
        came, left = begins + timedelta(minutes=5), begins + timedelta(minutes=70)
        scan = story.scan(number * 10, came, where)
        visit = visits.check_in(past, cast.caregiver, came, sent, scan, home, reasons)
        for raw in offers[0].item.steps:
            code = f"{offers[0].item_id}.{raw['code']}"
            at = came + timedelta(minutes=10)
            visits.record_step(past, at, visit, code, raw["name"], story.said[code])
        scan = story.scan(number * 10 + 1, left, where)
        visits.check_out(past, cast.caregiver, left, visit, scan, home, reasons)
        if where is FAR:
            past.look(cast.dispatcher, left + timedelta(hours=1), order, WHY)
        past.confirm(cast.daughter, left + timedelta(hours=2), order, 5, "很好")
        kept.append(order)
    past.settle(cast.officer, story.end + timedelta(days=4), kept)
    past.close()
    with clock.moved_to(story.end):
        lapse(SYSTEM)


def _all() -> dict[type[Model], dict[Any, dict[str, Any]]]:
    """Every row of the house by table and primary key."""
    return {
        model: {
            row.pk: {f.attname: getattr(row, f.attname) for f in model._meta.concrete_fields}
            for row in model._default_manager.all()
        }
        for model in apps.get_models()
        if model.__module__.startswith("songbai.") and model._meta.managed
    }


def changed(tell: Callable[[], None]) -> Rows:
    """Every row that telling wrote or changed, with row numbers made comparable."""
    before = _all()
    tell()
    after = _all()
    rows: dict[type[Model], list[dict[str, Any]]] = defaultdict(list)
    for model, now in after.items():
        rows[model] += [row for pk, row in now.items() if before[model].get(pk) != row]
    names: dict[type[Model], dict[Any, str]] = {}
    for model, found in rows.items():
        found.sort(key=_looks)
        pk = [field.attname for field in model._meta.pk_fields]
        names[model] = {
            tuple(row[name] for name in pk): f"{model.__name__} {n}" for n, row in enumerate(found)
        }
    numbers = {row["number"]: names[Order][(row["id"],)] for row in rows[Order]}
    return {
        model._meta.label: sorted(
            (_comparable(model, row, names, numbers) for row in found), key=str
        )
        for model, found in rows.items()
        if found
    }


def _looks(row: dict[str, Any]) -> str:
    """What a row says apart from numbers of rows: the same in both tellings."""
    apart = {"memo", "number", "payload"}
    return str(
        [
            value.replace(second=0, microsecond=0) if isinstance(value, datetime) else str(value)
            for name, value in row.items()
            if not name.endswith("id") and name not in apart
        ]
    )


def _comparable(
    model: type[Model],
    row: dict[str, Any],
    names: dict[type[Model], dict[Any, str]],
    numbers: dict[str, str],
) -> dict[str, Any]:
    found = {}
    for column in model._meta.concrete_fields:
        value = row[column.attname]
        target = column.remote_field.model if column.remote_field else None
        if column.primary_key:
            value = names[model][(value,)]
        elif target in names:
            value = names[target].get((value,), value)
        elif isinstance(value, datetime):
            value = value.replace(second=0, microsecond=0)
        elif column.attname == "subject_id" and row["subject_kind"] == "order":
            value = names[Order][(value,)]
        elif isinstance(value, dict) and "visit" in value:
            value = {**value, "visit": names[Visit][(value["visit"],)]}
        elif isinstance(value, str):
            for number, name in numbers.items():
                value = value.replace(number, name)
        found[column.attname] = value
    return found


@pytest.mark.django_db
def test_loaded_and_acted_rows_are_alike(cast: Cast) -> None:
    story = Story(cast, clock.today().replace(day=10) + timedelta(days=62))
    hours = DateTimeTZRange(story.at(7), story.at(19))
    where = {"provider": cast.provider, "region_id": cast.provider.region_id}
    Shift.objects.create(staff=cast.staff, date=story.day, during=hours, **where)
    with clock.moved_to(story.end):
        lapse(SYSTEM)  # what the cast was given
    with clock.moved_to(story.end + timedelta(days=5)), transaction.atomic():
        acted = changed(partial(by_actions, story))
        remember(story)
        transaction.set_rollback(True)
    with clock.moved_to(story.end + timedelta(days=5)):
        loaded = changed(partial(by_loaders, story))
    assert acted.keys() == loaded.keys()
    assert len(acted) > 9
    for table, rows in acted.items():
        assert loaded[table] == rows, table
