"""Every address × every role × a thing of one's own scope and the same thing seen from another's.

The list of addresses is read from the URL configuration, so a new page is in the matrix at once;
a new kind of id in an address must be named in ``Scene.ids`` or the test says so.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.approvals.models import Proposal
from songbai.core.files.actions import Owner, store
from songbai.core.files.models import StoredFile
from songbai.core.geo import Place
from songbai.domain.assessments.actions import assign as send_assessors
from songbai.domain.assessments.declares import BODY
from songbai.domain.assessments.models import Assessment, Assessor, AssessorAnswers, Outlier, Review
from songbai.domain.assessments.tests.scene import Scene as Assessing
from songbai.domain.assessments.tests.scene import asked, booked, make_scene
from songbai.domain.benefits.actions import NewObjection, raise_objection
from songbai.domain.benefits.models import CycleException, Objection, Payment, Recovery, Suspension
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.objection import Ground
from songbai.domain.benefits.rules.paying import PaymentState
from songbai.domain.careplans.models import CarePlan
from songbai.domain.dispatch.actions import assign, plan
from songbai.domain.dispatch.models import Assignment, DayPlan
from songbai.domain.elders.actions.erasure import place_hold
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.actions.family import invite_relative
from songbai.domain.elders.models import Conflict, LegalHold, Proxy
from songbai.domain.elders.rules.family import Invitation
from songbai.domain.feeds.actions.keys import issue_key
from songbai.domain.feeds.models import Delivery, FeedKey, UnmatchedRow
from songbai.domain.feeds.tests.deliveries import deliver, number_of, pension
from songbai.domain.matching.actions import merge, search_duplicates
from songbai.domain.matching.models import Candidate, Merge
from songbai.domain.orders.actions import NewOrder, place
from songbai.domain.orders.models import Order
from songbai.domain.rosters.actions import Upload, upload
from songbai.domain.rosters.models import Roster
from songbai.domain.visits.actions import Scan, check_in
from songbai.domain.visits.models import Visit
from songbai.web.doors import DOORS
from songbai.web.rooms.benefits.tests.frozen import checked_cycle, kept_back, owing, waiting_payment

from .cast import HOME, Cast, acting, make_account, make_elder, tomorrow

pytestmark = pytest.mark.slow

BACKEND = "songbai.core.accounts.backends.PasswordBackend"
THIS = Month(clock.month_of(clock.today()))
#: What nobody outside may ever read in a response about Mrs Wang.
SECRETS = ("王桂英", "王*英", "500190194205061024", "12800001024", "幸福路 8 号")


@dataclass(frozen=True)
class Address:
    """One URL pattern: its name, its parameters, and the door that guards it (None: public)."""

    name: str
    parameters: tuple[str, ...]
    door: str | None

    def url(self, ids: dict[str, object]) -> str:
        """The address with ids filled in."""
        unknown = set(self.parameters) - set(ids)
        assert not unknown, f"{self.name}: tell Scene.ids what {unknown} is"
        return reverse(self.name, kwargs={name: ids[name] for name in self.parameters})


def addresses() -> list[Address]:
    """All addresses of the site."""
    return sorted(_walk(get_resolver().url_patterns, ""), key=lambda address: address.name)


def _walk(patterns: list[URLPattern | URLResolver], space: str) -> Iterator[Address]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, inner)
        else:
            assert pattern.name, f"{pattern} has no name"
            yield Address(
                name=f"{space}{pattern.name}",
                parameters=tuple(pattern.pattern.converters),
                door=getattr(pattern.callback, "door", None),
            )


@dataclass(frozen=True)
class Scene:
    """Mrs Wang's order with a visit under way, and everybody who does or does not belong to it."""

    cast: Cast
    order: Order
    assignment: Assignment
    visit: Visit
    invitation: Proposal
    proof: StoredFile
    hold: LegalHold
    roster: Roster
    delivery: Delivery
    unmatched: UnmatchedRow
    assessing: Assessing
    other_manager: Actor
    plan: CarePlan

    @property
    def ids(self) -> dict[str, object]:
        """Ids of Mrs Wang's things by parameter name."""
        cast = self.cast
        return {
            "order_id": self.order.pk,
            "elder_id": cast.mother.pk,
            "assignment_id": self.assignment.pk,
            "visit_id": self.visit.pk,
            "provider_id": cast.provider.pk,
            "offer_id": cast.bath.pk,
            "item_id": cast.bath.item_id,
            "item_code": cast.bath.item_id,
            "staff_id": cast.staff.pk,
            "region": "500151001",
            "month": self.order.month,
            "account_id": 1,
            "role_id": 999_999,
            "person_id": cast.mother.pk,
            "candidate_id": Candidate.objects.filter(elder=cast.mother)[0].pk,
            "merge_id": Merge.objects.get().pk,
            "code": cast.mother.door_code,
            "draft_id": DayPlan.objects.earliest("id").pk,
            "delivery_id": self.delivery.pk,
            "row_id": self.unmatched.pk,
            "feed": "renshe_pensions",
            "key_id": FeedKey.objects.get().key_id,
            "delivery": "unknown",
            "proxy_id": Proxy.objects.get(account_id=cast.daughter.account).pk,
            "proposal_id": self.invitation.pk,
            "file_id": self.proof.pk,
            "hold_id": self.hold.pk,
            "purpose": "research",
            "assessment_id": Assessment.objects.get(elder=cast.mother).pk,
            "body_id": Assessor.objects.earliest("id").body_id,
            "outlier_id": Outlier.objects.get().pk,
            "review_id": Review.objects.get().pk,
            "sheet_id": AssessorAnswers.objects.earliest("id").pk,
            "assessor_id": Assessor.objects.earliest("id").pk,
            "roster_id": self.roster.pk,
            "plan_id": self.plan.pk,
            "conflict_id": Conflict.objects.get(elder=cast.mother, kind="living").pk,
            "kind": "living",
            "cycle_id": CycleException.objects.get().cycle_id,
            "exception_id": CycleException.objects.get().pk,
            "payment_id": Payment.objects.get().pk,
            "recovery_id": Recovery.objects.get().pk,
            "suspension_id": Suspension.objects.get().pk,
            "objection_id": Objection.objects.get(elder=cast.mother).pk,
            "policy": "longevity-tongliang",
            "mark": "unknown",
        }

    @property
    def asked(self) -> dict[str, str | int]:
        """What pages ask for in the query: an offer, an elder, a month."""
        return {
            "offer": self.cast.bath.pk,
            "elder": self.cast.mother.pk,
            "month": self.order.month,
            "payer": "credit",
            "cycle": CycleException.objects.get().cycle_id,
        }

    def insider(self, door: str) -> Actor:
        """Who may see Mrs Wang's things through a door."""
        return {
            "family": self.cast.daughter,
            "caregiver": self.cast.caregiver,
            "desk": self.cast.dispatcher,
            "provider": self.cast.provider_staff,
            "bureau": self.cast.officer,
            "assessor": self.assessing.actors[0][0],
            "body": self.assessing.manager,
        }[door]

    def outsider(self, door: str) -> Actor:
        """Somebody of the same role from elsewhere."""
        return {
            "family": self.cast.stranger_family,
            "caregiver": self.cast.other_caregiver,
            "desk": self.cast.far_dispatcher,
            "provider": self.cast.other_provider_staff,
            "bureau": self.cast.far_officer,
            "assessor": self.assessing.actors[1][0],
            "body": self.other_manager,
        }[door]


@pytest.fixture
def scene(cast: Cast) -> Scene:
    """A visit under way."""
    with acting(cast.daughter):
        order = place(
            cast.daughter,
            NewOrder(
                uuid.uuid4(), cast.mother, [cast.bath.pk], tomorrow(9), tomorrow(11), note="后门进"
            ),
        )
    with acting(cast.dispatcher):
        plan(cast.dispatcher, clock.today() + timedelta(days=1))
        if not Assignment.objects.filter(staff=cast.staff).exists():
            assign(cast.dispatcher, order.pk, cast.staff.pk, reason="熟悉这位老人")
        assignment = Assignment.objects.get(order=order, state="active")
    scan = Scan(uuid.uuid4(), str(cast.mother.door_code), Place(HOME.longitude, HOME.latitude))
    with clock.moved_to(assignment.starts_at), acting(cast.caregiver):
        visit = check_in(cast.caregiver, assignment.pk, scan)
    with acting(cast.daughter):
        owner = Owner(cast.mother.region_id, cast.mother.pk)
        proof = store(cast.daughter, owner, "户口簿.pdf", b"%PDF-1.4 x %%EOF", "证明")
        invited = Invitation("王强", "13912345678", "儿子", order=True, money=False, days=30)
        invitation = invite_relative(cast.daughter, cast.mother, uuid.uuid4(), invited)
    with acting(cast.officer):
        hold = place_hold(cast.officer, cast.mother, "家属有纠纷")
        text = "姓名,身份证号\n王桂英,500190194205061024\n".encode()
        roster, _ = upload(cast.officer, Upload("500151001001", "名册.csv", text, uuid.uuid4()))
        wrong = NewObjection(uuid.uuid4(), "longevity-tongliang", THIS, Ground.AGE, "", "本人")
        raise_objection(cast.officer, cast.mother, wrong, where="/")
    for source, living in (("village", "living_alone"), ("minzheng", "in_institution")):
        record_facts(SYSTEM, cast.mother, [NewFact("living", living)], source=source)
    again = make_elder("王桂英", 77)
    search_duplicates(SYSTEM, "500151001")
    merge(SYSTEM, cast.mother, again, reason="同一个人", score=1.0, why=[])
    delivery = deliver("renshe_pensions", [pension(number_of(31), "郑待配", "900")])
    waiting = delivery.unmatched_rows.get()
    issue_key(SYSTEM, "renshe", "500151")
    assessing = make_scene(cast)
    booked(assessing, send_assessors(SYSTEM, asked(cast).pk, assessing.bodies[0].pk))
    other = make_account("别家", BODY, organisation=assessing.bodies[1].pk)
    mine = Assessment.objects.get(elder=cast.mother)
    one = assessing.assessors[0][0]
    about = {"elder": cast.mother, "region_id": cast.mother.region_id, "assessment": mine}
    Review.objects.create(**about, body_id=one.body_id, assessor=one)
    Outlier.objects.create(
        body_id=one.body_id,
        region_id="500151000000",
        instrument="gbt42195-2022",
        measure="drift",
        value=2,
        usual=1,
    )
    planned = CarePlan.objects.create(**about)
    checked = checked_cycle(cast.mother)
    waiting_payment(cast.mother, checked.cycle_id, PaymentState.FAILED)
    owing(cast.mother)
    kept_back(cast.mother)
    return Scene(
        cast=cast,
        order=order,
        assignment=assignment,
        visit=visit,
        invitation=invitation,
        proof=proof,
        hold=hold,
        roster=roster,
        delivery=delivery,
        unmatched=waiting,
        assessing=assessing,
        other_manager=other,
        plan=planned,
    )


def signed_in(actor: Actor | None) -> Client:
    """A browser of this person; None is a stranger."""
    client = Client()
    if actor is not None:
        client.force_login(Account.objects.get(pk=actor.account), backend=BACKEND)
    return client


def leaks(body: bytes) -> list[str]:
    """Secrets found in a response."""
    return [secret for secret in SECRETS if secret.encode() in body]


def is_page(address: Address) -> bool:
    """The live stream has tests of its own."""
    return address.name != "live"


def test_every_door_has_addresses() -> None:
    doors = {address.door for address in addresses()}
    assert set(DOORS) <= doors


def test_pages_inside_a_door_are_guarded() -> None:
    open_pages = [a.name for a in addresses() if a.name.split(":")[0] in DOORS and a.door is None]
    assert open_pages == []


def test_a_stranger_is_sent_to_the_login_and_learns_nothing(scene: Scene) -> None:
    client = signed_in(None)
    for address in filter(is_page, addresses()):
        replies = [method(address.url(scene.ids)) for method in (client.get, client.post)]
        assert [leaks(reply.content) for reply in replies] == [[], []], address.name
        if address.door:
            sent = [reply for reply in replies if reply.status_code != 405]
            assert sent, address.name
            for reply in sent:
                assert reply.status_code == 302, address.name
                assert reply["Location"].startswith("/login/"), address.name


def test_nobody_comes_in_through_somebody_elses_door(scene: Scene) -> None:
    for name in DOORS:
        client = signed_in(scene.insider(name))
        for address in addresses():
            if address.door and address.door != name:
                replies = [method(address.url(scene.ids)) for method in (client.get, client.post)]
                assert [leaks(reply.content) for reply in replies] == [[], []], address.name
                answered = {reply.status_code for reply in replies} - {405}
                assert answered == {403}, (name, address.name, answered)


def test_the_same_role_from_elsewhere_finds_nothing(scene: Scene) -> None:
    scoped = {
        *("order_id", "elder_id", "assignment_id", "visit_id", "person_id"),
        *("proxy_id", "proposal_id", "file_id", "hold_id", "roster_id"),
        *("candidate_id", "merge_id", "conflict_id", "key_id", "objection_id"),
        *("assessment_id", "sheet_id", "plan_id", "draft_id", "review_id", "outlier_id"),
        *("cycle_id", "exception_id", "payment_id", "recovery_id", "suspension_id"),
    }
    for address in addresses():
        if not address.door:
            continue
        client = signed_in(scene.outsider(address.door))
        for method in (client.get, client.post):
            reply = method(address.url(scene.ids))
            if scoped & set(address.parameters):
                assert reply.status_code in {404, 405}, (address.name, reply.status_code)
            assert leaks(reply.content) == [], address.name


def test_those_who_belong_come_in(scene: Scene) -> None:
    for address in addresses():
        if not address.door:
            continue
        client = signed_in(scene.insider(address.door))
        reply = client.get(address.url(scene.ids), scene.asked)
        assert reply.status_code in {200, 302, 405}, (address.name, reply.status_code)
        if reply.status_code == 405:
            # An empty form is refused in words, never with a crash.
            empty = client.post(address.url(scene.ids))
            assert empty.status_code < 500, (address.name, empty.status_code)
            assert empty.status_code not in {403, 404}, (address.name, empty.status_code)


def test_a_town_officer_sees_no_other_town(scene: Scene) -> None:
    client = signed_in(scene.cast.town_officer)
    for address in addresses():
        if address.door == "bureau":
            reply = client.get(address.url(scene.ids))
            assert leaks(reply.content) == [], address.name
            if {"order_id", "elder_id"} & set(address.parameters):
                assert reply.status_code in {404, 405}, address.name
