"""Benefit cycles of the demo district: two finished months and one with the towns.

The program's own actions decide, check, confirm, tell and approve; only the moments of the finished
months are then set to when it would have happened.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from songbai.cli.demo.site import unchecked
from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.queries import actors_of
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.approvals.actions import vote
from songbai.core.approvals.rules import Verdict
from songbai.core.crypto import blind_index
from songbai.domain.benefits.actions.cycles import close, notify, propose, run
from songbai.domain.benefits.models import Cycle, CycleException
from songbai.domain.benefits.rules.cycle import ExceptionState
from songbai.domain.benefits.rules.months import Month

from . import people

DISTRICT = "500151"
#: Days of a month on which the steps are taken, in their order.
DAYS = {
    "frozen": 6, "decided": 6, "checked": 6, "in_towns": 6, "noticed": 10, "proposed": 11,
    "approved": 12, "closed": 20,
}  # fmt: skip


def build() -> int:
    """Run three months; returns how many cycles there are."""
    months = _months(clock.today())
    for month in months:
        run(SYSTEM, DISTRICT, month)
        if month != months[-1]:
            for cycle in Cycle.objects.filter(month=month.text).order_by("pk"):
                _finish(cycle)
            _set_moments(month)
    return Cycle.objects.count()


def _months(today: date) -> list[Month]:
    first = today.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    earliest = (before - timedelta(days=1)).replace(day=1)
    return [Month(clock.month_of(day)) for day in (earliest, before, first)]


def _finish(cycle: Cycle) -> None:
    """The town and the office do their part; what the register's data lacks stays open."""
    officer, checker = _officer("officer"), _officer("checker")
    # All at once: one by one, as a clerk does it, would take longer than the rest of the month.
    CycleException.objects.filter(cycle=cycle, state=ExceptionState.OPEN, blocking=True).update(
        state=ExceptionState.HELD,
        settled_at=clock.now(),
        settled_by_id=officer.account_id,
        settled_by=officer.name,
        reason="等本人补交账号",
    )
    cycle.towns.update(
        confirmed_at=clock.now(), confirmed_by_id=officer.account_id, confirmed_by=officer.name
    )
    cycle.refresh_from_db()
    notify(officer, cycle)
    proposal = propose(officer, cycle)
    vote(checker, proposal.pk, Verdict.YES)
    cycle.refresh_from_db()
    close(SYSTEM, cycle)


def _officer(key: str) -> Actor:
    login = next(login for login in people.LOGINS if login.key == key)
    account = Account.objects.get(phone_index=blind_index(people.phone_of(login)))
    return actors_of(account)[0]


def _set_moments(month: Month) -> None:
    """What was just done happened in its month."""
    at = {state: clock.at(month.first_day.replace(day=day), 10) for state, day in DAYS.items()}
    statements: list[tuple[str, list[Any]]] = [
        ("UPDATE benefits_cycle SET opened_at = %s, closed_at = %s WHERE month = %s",
         [at["frozen"], at["closed"], month.text]),
        ("UPDATE benefits_snapshot SET taken_at = %s WHERE month = %s", [at["frozen"], month.text]),
        ("UPDATE benefits_townpart t SET confirmed_at = %s FROM benefits_cycle c"
         " WHERE c.id = t.cycle_id AND c.month = %s", [at["noticed"], month.text]),
        ("UPDATE benefits_notice n SET made_at = %s FROM benefits_cycle c"
         " WHERE c.id = n.cycle_id AND c.month = %s", [at["noticed"], month.text]),
        ("UPDATE benefits_cycleexception x SET found_at = %s,"
         " settled_at = CASE WHEN x.settled_at IS NOT NULL THEN %s::timestamptz END"
         " FROM benefits_cycle c WHERE c.id = x.cycle_id AND c.month = %s",
         [at["checked"], at["noticed"], month.text]),
        ("UPDATE approvals_proposal p SET proposed_at = %s, decided_at = %s,"
         " expires_at = %s::timestamptz + interval '30 days' FROM benefits_cycle c"
         " WHERE c.proposal_id = p.id AND c.month = %s",
         [at["proposed"], at["approved"], at["proposed"], month.text]),
        ("UPDATE approvals_vote v SET at = %s FROM benefits_cycle c"
         " WHERE c.proposal_id = v.proposal_id AND c.month = %s", [at["approved"], month.text]),
        *(
            ("UPDATE benefits_cyclestep s SET at = %s FROM benefits_cycle c"
             " WHERE c.id = s.cycle_id AND c.month = %s AND s.state = %s",
             [moment, month.text, state])
            for state, moment in at.items()
        ),
        *(
            ("UPDATE events_event e SET at = %s FROM benefits_cycle c WHERE e.subject_id = c.id"
             " AND e.subject_kind = 'cycle' AND c.month = %s AND e.kind = %s",
             [moment, month.text, f"cycle.{state}"])
            for state, moment in at.items()
        ),
    ]  # fmt: skip
    with transaction.atomic(), unchecked(), connection.cursor() as cursor:
        for statement, values in statements:
            cursor.execute(statement, values)
