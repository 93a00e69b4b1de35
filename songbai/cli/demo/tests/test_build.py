"""A small demo district is what the actions would have made, and its money adds up."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Count, DateTimeField, F, Max, Min, Q, Sum
from pytest_django import DjangoDbBlocker

from songbai.cli.demo import people
from songbai.core import clock
from songbai.core.accounts.actions import log_in_staff
from songbai.core.accounts.models import Account, TotpKey, totp_step
from songbai.core.accounts.queries import actors_of
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.approvals.models import Proposal
from songbai.core.crypto import decrypt
from songbai.core.geo import Mode, Place, distance_km
from songbai.core.ledger.models import LedgerAccount, Transfer
from songbai.core.ledger.queries import total
from songbai.core.ledger.registry import Terms, payer_of
from songbai.core.travel import travel
from songbai.domain.assessments.models import Assessment
from songbai.domain.assessments.queries import my_sheets
from songbai.domain.assessments.queries.lists import in_state
from songbai.domain.assessments.rules.process import State
from songbai.domain.benefits.declares import CREDIT, VOUCHER
from songbai.domain.benefits.models import CreditGrant, Cycle, Instalment, Recovery, TownPart
from songbai.domain.benefits.queries.cycles import to_give
from songbai.domain.benefits.queries.explain import explain
from songbai.domain.benefits.rules.cycle import State as CycleState
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.tests.giving import grant_credit
from songbai.domain.careplans.models import CarePlan
from songbai.domain.dispatch.actions import plan
from songbai.domain.dispatch.models import Assignment
from songbai.domain.elders.models import CurrentFact, Elder, Fact
from songbai.domain.elders.queries import elders_of_family, home_of
from songbai.domain.orders.actions import confirm, settle_month, split_anew
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import ends_away, shares_of, statement
from songbai.domain.orders.rules import CANCELLABLE, OWN, OrderState, Purse, split_price
from songbai.domain.providers.models import Provider, Shift, StaffMember, Vehicle
from songbai.domain.providers.queries import place_of, staff_of_account
from songbai.domain.providers.rules import VehicleKind
from songbai.domain.visits.models import Visit
from songbai.domain.visits.queries import evidence, route
from songbai.domain.visits.rules import NEAR_DESTINATION_METRES, Doubt

from .conftest import Built

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def whole(built: Built) -> Iterator[Path]:
    """Three thousand elders and thirty-five days, at ten to five in the afternoon."""
    with built(clock.at(clock.today(), 16, 50), 3_000, 35) as home:
        connection.check_constraints()
        yield home


@pytest.fixture
def town(whole: Path, kernels: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Path]:
    """The built town; what a test does to it is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield whole
        transaction.set_rollback(True)


def actor(key: str) -> Actor:
    """Somebody of the demo by the key of the login."""
    login = next(login for login in people.LOGINS if login.key == key)
    account = Account.objects.by_phone(people.phone_of(login))
    assert account is not None
    return actors_of(account)[0]


def test_the_books_sum_to_zero_and_nobody_is_overdrawn(town: Path) -> None:
    assert total() == 0
    assert not LedgerAccount.objects.filter(balance__lt=F("floor")).exists()


def test_every_home_care_provider_agrees_with_its_books(town: Path) -> None:
    months = set(Order.objects.values_list("month", flat=True))
    for provider in Provider.objects.filter(home_care=True):
        assert all(statement(SYSTEM, provider.pk, month).agrees for month in months)


def test_every_order_can_be_done_by_somebody_of_its_provider(town: Path) -> None:
    able: dict[int, list[set[str]]] = {}
    for one in StaffMember.objects.all():
        able.setdefault(one.provider_id, []).append({*one.skills})
    orders = Order.objects.exclude(state="cancelled").exclude(skills=[])
    alone = [
        order.number
        for order in orders
        if not any({*order.skills} <= skills for skills in able.get(order.provider_id, []))
    ]
    assert alone == []


def test_credits_are_those_the_action_gives(town: Path) -> None:
    month = clock.month_of(clock.today())
    given = dict(CreditGrant.objects.filter(month=month).values_list("elder_id", "group_name"))
    before = Transfer.objects.count()
    # What the story's people learnt since the first of the month is no ground for what was given.
    told = Fact.objects.filter(recorded_at__gt=clock.now() - timedelta(days=92))
    changed = told.exclude(kind="survival").values("elder_id")
    for elder in Elder.objects.exclude(pk__in=changed).order_by("id")[::10]:
        grant = grant_credit(SYSTEM, elder, month)
        assert (grant.group_name if grant else None) == given.get(elder.pk)
    assert CreditGrant.objects.filter(month=month).count() == len(given)
    assert Transfer.objects.count() == before


def test_a_credit_is_given_after_its_cycle_is_approved_and_to_whom_it_names(town: Path) -> None:
    grants = CreditGrant.objects.filter(channel=CREDIT)
    months = grants.order_by("month").values("month", "policy")
    for given in months.annotate(n=Count("id"), fen=Sum("amount"), first=Min("granted_at")):
        cycle = Cycle.objects.get(policy=given["policy"], month=given["month"])
        assert (cycle.yes, cycle.fen) == (given["n"], given["fen"]), given
        approved = Proposal.objects.get(pk=cycle.proposal_id or 0).decided_at
        assert approved is not None
        assert approved <= given["first"]


#: Moments that are still to come when a row is written: appointments, ends, what is due.
TO_COME = {
    "valid_until", "expires_at", "confirm_due", "window_start", "window_end", "lapses_at",
    "due_at", "next_due", "starts_at", "ends_at", "planned_start",
}  # fmt: skip


def test_nothing_has_happened_yet_that_is_still_to_come(town: Path) -> None:
    found = {}
    ours = [model for model in apps.get_models() if model._meta.app_label != "procrastinate"]
    for model in ours:  # the queue keeps the time of the machine
        for field in model._meta.concrete_fields:
            if isinstance(field, DateTimeField) and field.name not in TO_COME:
                last = model._base_manager.aggregate(last=Max(field.name))["last"]
                if last and last > clock.now():
                    found[f"{model._meta.label}.{field.name}"] = last
    assert found == {}


def test_what_rests_on_an_assessment_has_its_day_and_comes_after_it(town: Path) -> None:
    levels = CurrentFact.objects.filter(kind="ability_level", source="assessment")
    said = {one.elder_id: day_of(one.observed_at) for one in levels}
    found = Assessment.objects.filter(
        current=True, instrument="gbt42195-2022", final_level__gt=0, elder__in=said
    )
    assert found.count() > 100
    for one in found:
        assert one.valid_from == said[one.elder_id], one
    plans = CarePlan.objects.all()
    assert plans.exists()
    assert not plans.filter(drafted_at__lt=F("assessment__concluded_at")).exists()


def day_of(moment: datetime) -> date:
    return moment.astimezone(clock.SHANGHAI).date()


def test_each_town_confirms_its_own_part(town: Path) -> None:
    parts = TownPart.objects.exclude(confirmed_at=None).exclude(region__code__endswith="000000")
    for part in parts.select_related("region"):
        assert part.confirmed_by == f"{part.region.name}民政干部"
    assert parts.exists()


def test_past_months_were_decided_from_what_was_known_then(town: Path) -> None:
    late = Fact.objects.filter(recorded_at__gt=clock.now() - timedelta(days=92))
    told = Elder.objects.filter(pk__in=late.values("elder_id")).order_by("pk")[:25]
    months = sorted(set(Cycle.objects.values_list("month", flat=True)))
    assert len(months) >= 3
    for elder in [*told, *Elder.objects.filter(merged_into=None).order_by("pk")[:1_000:100]]:
        for month in months:
            for entry in explain(SYSTEM, elder, Month(month), purpose="查", where="/").entries:
                assert entry.agrees, (elder.pk, month, entry.policy.code)


def priced(order: Order) -> list[tuple[str, int]]:
    return [(line.item_id, line.price) for line in order.lines.all()]


def test_only_the_living_pay_back_in_instalments(town: Path) -> None:
    parts = Instalment.objects.all()
    living = parts.filter(elder__died_on=None)
    assert {"due", "repaid"} <= set(living.values_list("state", flat=True))
    assert set(parts.exclude(elder__died_on=None).values_list("state", flat=True)) == {"repaid"}
    of_dead = Recovery.objects.exclude(elder__died_on=None)
    assert of_dead.filter(settled=0).exists()


def test_shares_follow_the_credit_left_when_the_order_was_placed(town: Path) -> None:
    found: dict[tuple[int, str], list[CreditGrant]] = defaultdict(list)
    for grant in CreditGrant.objects.exclude(elder__orders=None).order_by("channel", "id"):
        found[grant.elder_id, grant.month].append(grant)
    vouchers = anew = 0
    for (elder, month), grants in list(found.items())[:600]:
        first = clock.at(clock.month_bounds(month)[0], 23)
        if any(one.channel == CREDIT.code and one.granted_at >= first for one in grants):
            continue  # found in the month, when the loaded orders had their price
        orders = Order.objects.filter(elder_id=elder, month=month).order_by("placed_at", "id")
        if orders.filter(state=OrderState.CANCELLED).exists():
            continue
        left = {one.pk: one.amount for one in grants}
        for order in orders:
            purses = [
                Purse(payer_of(one.channel), left[one.pk], Terms(one.home_rate))
                for one in grants
                if one.granted_at < order.window_start
            ]
            due = split_price(priced(order), [*purses, Purse(payer_of(OWN), None)])
            assert shares_of(order) == list(due.shares), (elder, month, order.number)
            vouchers += due.of(VOUCHER)
            anew += any(order.placed_at < one.granted_at < order.window_start for one in grants)
            for one in grants:
                left[one.pk] -= due.of(payer_of(one.channel))
    assert vouchers
    assert anew


def test_who_is_kept_back_and_who_died_is_given_nothing(town: Path) -> None:
    spent = Cycle.objects.filter(policy__in=CreditGrant.objects.values("policy"))
    for cycle in spent.filter(state=CycleState.CLOSED):
        given = CreditGrant.objects.filter(policy=cycle.policy, month=cycle.month)
        names = to_give(cycle).filter(amount__gt=0).values("elder_id")
        assert set(given.values_list("elder_id", flat=True)) == {row["elder_id"] for row in names}
        known = Fact.objects.filter(kind="death", recorded_at__lt=cycle.snapshot.known_at)
        assert not given.filter(elder__in=known.values("elder_id")).exists()
    ended = CreditGrant.objects.filter(ended__gt=0)
    for grant in ended:
        moved = Transfer.objects.filter(subject_kind="grant", subject_id=grant.pk)
        back = {"ended": 1, "given_again": -1}
        assert grant.ended == sum(back[row.kind] * row.amount for row in moved)


def test_money_of_the_month_pays_before_people_do(town: Path) -> None:
    open_ = Order.objects.filter(state__in=CANCELLABLE, shares__payer=OWN)
    assert open_.exists()
    for order in open_:
        assert not split_anew(SYSTEM, order.pk), order.number


def test_states_follow_the_clock(town: Path) -> None:
    now = clock.now()
    for visit in Visit.objects.select_related("order"):
        assert visit.in_at <= now
        open_states = (
            {OrderState.IN_SERVICE}
            if visit.out_at is None
            else {OrderState.TO_CONFIRM, OrderState.DONE, OrderState.SETTLED}
        )
        assert visit.order.state in open_states
    # The program confirms within five minutes of what is due, and minutes pass while tests run.
    late = now - timedelta(minutes=20)
    overdue = Order.objects.filter(state=OrderState.TO_CONFIRM, confirm_due__lte=late)
    assert not overdue.exists()
    last_month = clock.month_of(clock.today().replace(day=1) - timedelta(days=1))
    if clock.today().day > 6:
        assert Order.objects.filter(month=last_month, state=OrderState.SETTLED).exists()


def test_caregivers_have_the_skills_work_then_and_belong_to_the_provider(town: Path) -> None:
    rows = Assignment.objects.select_related("order", "staff")
    assert rows.count() > 100
    for row in rows:
        assert set(row.order.skills) <= set(row.staff.skills)
        assert row.staff.provider_id == row.order.provider_id
        assert row.order.window_start <= row.starts_at <= row.order.window_end
        assert row.decided_at >= row.order.placed_at
    assert not rows.exclude(
        pk__in=rows.filter(staff__shifts__during__contains=F("during"), staff__shifts__sick_at=None)
    ).exists()


def test_a_visit_without_doubts_has_evidence_that_holds(town: Path) -> None:
    recent = clock.now() - timedelta(days=10)
    for visit in Visit.objects.filter(out_at__gt=recent, doubts=[])[:20]:
        assert all(finding.holds for finding in evidence(visit))
    for visit in Visit.objects.filter(doubts__contains=[Doubt.FAR.value])[:5]:
        assert visit.in_reason or visit.out_reason


def test_the_daughter_has_two_elders_and_something_to_confirm(town: Path) -> None:
    daughter = actor("daughter")
    mother, father = (proxy.elder for proxy in elders_of_family(daughter))
    assert (mother.name, father.name) == ("王桂兰", "陈松柏")
    assert "青霉素过敏" in mother.risks
    assert decrypt(mother.address).startswith("巴川街道东方社区")
    waiting = Order.objects.filter(elder=mother, state=OrderState.TO_CONFIRM)
    order = waiting.order_by("-window_start").first()
    assert order is not None
    assert confirm(daughter, order.pk, stars=5).state == OrderState.DONE


def test_the_caregiver_has_a_route_today_and_tomorrow(town: Path) -> None:
    caregiver = actor("caregiver")
    assert len(route(caregiver, clock.today())) >= 4
    assert route(caregiver, clock.today() + timedelta(days=1))
    staff = staff_of_account(caregiver)
    assert Shift.objects.filter(staff=staff, date=clock.today()).exists()


def test_whoever_is_escorted_goes_to_a_hospital_and_nobody_else(town: Path) -> None:
    out = Q(lines__item__goes_out=True)
    assert not Order.objects.filter(out, destination=None).exists()
    assert not Order.objects.filter(~out, destination__isnull=False).exists()
    assert not Order.objects.exclude(returns=F("lines__item__returns")).exists()
    one_way = Visit.objects.filter(order__returns=False, out_metres__isnull=False)
    assert one_way.filter(doubts=[]).count() > one_way.exclude(doubts=[]).count()
    for visit in one_way.filter(doubts=[]).select_related("order__destination")[:10]:
        assert visit.out_metres is not None and visit.out_metres <= NEAR_DESTINATION_METRES
        phone = Place(visit.out_longitude or 0, visit.out_latitude or 0)
        there = place_of(visit.order.destination) if visit.order.destination else phone
        assert distance_km(there, phone) * 1000 == pytest.approx(visit.out_metres, abs=2)


def test_the_caregiver_takes_somebody_to_hospital_and_goes_on_from_there(town: Path) -> None:
    for days in (-1, 0, 1):
        stops = route(actor("caregiver"), clock.today() + timedelta(days=days))
        [row] = [n for n, stop in enumerate(stops) if not stop.order.returns]
        away, after = ends_away(stops[row].order), stops[row + 1]
        assert away is not None
        home = home_of(after.elder)
        assert after.metres == pytest.approx(distance_km(away, home) * 1000, abs=2)
        assert after.travel_minutes == travel().minutes(away, home, Mode.EBIKE)
        left = stops[row].during.upper + timedelta(minutes=after.travel_minutes)
        assert left <= after.starts_at


def test_the_dispatcher_finds_somebody_for_open_orders(town: Path) -> None:
    day = clock.today() + timedelta(days=1)
    planned = plan(actor("dispatcher"), day)
    assert len(planned.assigned) > len(planned.open)


def test_vans_and_bikes_are_out_and_only_who_has_one_is_sent(town: Path) -> None:
    day = clock.today() + timedelta(days=1)
    out = Shift.objects.filter(vehicle__isnull=False, sick_at=None)
    assert Vehicle.objects.count() == 2
    for day_out in (clock.today(), day):
        kinds = set(out.filter(date=day_out).values_list("vehicle__kind", flat=True))
        assert kinds == {kind.value for kind in VehicleKind}
    carried = Assignment.objects.exclude(order__vehicle="")
    assert carried.filter(starts_at__lt=clock.now()).exists()
    waiting = list(Order.objects.exclude(vehicle="").filter(state=OrderState.ACCEPTED))
    assert {order.vehicle for order in waiting} == {kind.value for kind in VehicleKind}
    plan(actor("dispatcher"), day)
    assert carried.filter(order__in=waiting).exists()
    for row in carried.select_related("order"):
        shifts = out.filter(
            staff_id=row.staff_id, date=row.starts_at.astimezone(clock.SHANGHAI).date()
        )
        assert [shift.vehicle.kind for shift in shifts if shift.vehicle] == [row.order.vehicle]


def test_the_officer_can_settle_what_is_left(town: Path) -> None:
    month = clock.month_of(clock.today())
    provider = Provider.objects.filter(home_care=True).order_by("id").first()
    assert provider is not None
    assert settle_month(actor("officer"), provider.pk, month) > 0
    assert total() == 0


def test_staff_log_in_with_the_password_and_the_code_of_their_device(town: Path) -> None:
    login = json.loads((town / "demo.json").read_text(encoding="utf-8"))[3]
    account = Account.objects.by_phone(login["phone"])
    code = TotpKey.objects.get(account=account).code_at(totp_step())
    assert log_in_staff(login["phone"], login["password"], code) == account


def test_a_pair_of_assessors_has_two_visits_today_and_their_manager_sees_them(town: Path) -> None:
    days = {clock.today()}
    for key in ("assessor", "second_assessor"):
        sheets = my_sheets(actor(key)).filter(finished_at=None)
        assert {sheet.during.lower.astimezone(clock.SHANGHAI).date() for sheet in sheets} == days
        assert sheets.count() == 2
    assert in_state(actor("body"), {State.BOOKED}).count() == 2
