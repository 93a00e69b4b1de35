"""Today at the first body of Tongliang: two visits for a pair of assessors, logins for three.

Through the same actions as anybody's: asked for by the village yesterday, assigned, booked.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import transaction

from songbai.cli.demo import people
from songbai.core import clock
from songbai.core.accounts.models import Account, Role
from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import Refused
from songbai.domain.assessments import actions
from songbai.domain.assessments.actions import NewRequest
from songbai.domain.assessments.declares import ASSESSOR, BODY
from songbai.domain.assessments.models import Assessment, Assessor, Body
from songbai.domain.assessments.rules.process import Channel
from songbai.domain.careplans.actions import draft
from songbai.domain.elders.models import Elder

INSTRUMENT = "gbt42195-2022"
VILLAGE = "500151001001"
#: When the two go, and to whom first: the daughter's father-in-law, then a neighbour.
HOURS = ((9, 30), (14, 30))
VALID = timedelta(days=900)


def book_today() -> int:
    """Accounts for a pair of assessors and the manager, and their two visits of today."""
    body = Body.objects.filter(region_id="500151000000", ended_on=None).earliest("id")
    team = _sign_up(body)
    made = 0
    for elder in _elders():
        if made == len(HOURS):
            break
        made += _book(elder, body, team, HOURS[made])
    return made


def draft_plans() -> int:
    """What the results of the mother and the father suggest, for their families to agree on."""
    named = Elder.objects.filter(region_id=VILLAGE, name__in=[people.MOTHER[0], people.FATHER[0]])
    standing = Assessment.objects.filter(elder__in=named, current=True)
    made = 0
    for found in standing.order_by("id"):
        try:
            draft(SYSTEM, found.pk)
        except Refused:
            continue
        made += 1
    return made


def _sign_up(body: Body) -> list[Assessor]:
    """Give the first medical assessor and the next one, and the manager, their logins."""
    found: list[Assessor] = []
    for login in people.LOGINS:
        account = Account.objects.by_phone(people.phone_of(login))
        if account is None:
            continue
        if login.kind is BODY:
            Role.objects.filter(account=account, kind=login.kind).update(organisation_id=body.pk)
        elif login.kind is ASSESSOR:
            medical = not found
            one = body.assessors.filter(medical=medical, account=None).earliest("id")
            one.account, one.name = account, login.name
            one.certificate_until = clock.today() + VALID
            one.save(update_fields=["account", "name", "certificate_until"])
            one.sheets.update(name=login.name)
            found.append(one)
    return found


def _elders() -> list[Elder]:
    """Who may be visited: of the first village, the father first."""
    found = Elder.objects.filter(region_id=VILLAGE, died_on=None, ability_level__gte=1)
    rows = list(found.order_by("-ability_level", "id")[:20])
    return sorted(rows, key=lambda elder: elder.name != people.FATHER[0])


def _book(elder: Elder, body: Body, team: list[Assessor], at: tuple[int, int]) -> bool:
    """One visit; False where this body may not judge this elder, or one is open already."""
    today = clock.today()
    key = uuid.uuid5(uuid.NAMESPACE_URL, f"songbai-demo-assessment-{elder.pk}")
    wanted = NewRequest(elder, INSTRUMENT, Channel.VILLAGE, key, reason="家里说走路不如以前了")
    try:
        with transaction.atomic(), clock.moved_to(clock.at(today - timedelta(days=1), 10)):
            found = actions.assign(SYSTEM, actions.request(SYSTEM, wanted).pk, body.pk)
            actions.choose_team(SYSTEM, found.pk, [one.pk for one in team])
            actions.book(SYSTEM, found.pk, clock.at(today, *at))
    except Refused:
        return False
    return True
