"""Who may do what: every role, every act."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.core.accounts import registry
from songbai.core.accounts.registry import Act, RoleKind, act, acts, grant, granted, roles
from songbai.core.accounts.rules import SYSTEM, Actor, Reach, may
from songbai.domain.elders.declares import ELDER_READ, FAMILY, OFFICER
from songbai.domain.orders.declares import ORDER_PLACE, ORDER_READ
from songbai.domain.providers.declares import PROVIDER
from tests.registries import reopen

TOWN = "500151001001"
ACTS = st.sampled_from(acts())


def actor(kind: RoleKind | None, **facts: object) -> Actor:
    return Actor(**{"account_id": 1, "name": "某", "kind": kind, **facts})  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", roles())
@pytest.mark.parametrize("act", acts())
def test_a_role_may_what_it_is_granted(kind: RoleKind, act: Act) -> None:
    assert may(actor(kind), act) == (kind in granted(act))


@pytest.mark.parametrize("act", acts())
def test_every_act_is_granted_to_somebody(act: Act) -> None:
    assert granted(act) and granted(act) <= set(roles())


@given(ACTS)
def test_the_system_may_everything_and_nobody_nothing(act: Act) -> None:
    assert may(SYSTEM, act, Reach(TOWN))
    assert not may(actor(None), act, Reach(TOWN))


def test_only_the_program_itself_is_the_system() -> None:
    assert SYSTEM.is_system
    assert not actor(OFFICER, region="").is_system
    assert not Actor(None, "无名", None).is_system
    assert (SYSTEM.account, SYSTEM.organisation) == (0, 0)


@pytest.mark.parametrize(
    ("scope", "inside"),
    [
        ("500151", True),
        ("500151001", True),
        (TOWN, True),
        ("", True),
        ("500152", False),
        ("500151105", False),
        (None, False),
    ],
)
def test_an_officer_reaches_what_lies_below_the_scope(scope: str | None, inside: bool) -> None:
    officer = actor(OFFICER, region=scope)
    assert may(officer, ELDER_READ, Reach(TOWN)) is inside


def test_a_provider_reaches_what_was_ordered_from_it() -> None:
    provider = actor(PROVIDER, organisation_id=3)
    assert may(provider, ORDER_READ, Reach(TOWN, organisations=frozenset({3})))
    assert not may(provider, ORDER_READ, Reach(TOWN, organisations=frozenset({4})))
    assert not may(provider, ORDER_READ, Reach(TOWN, accounts=frozenset({1})))


def test_a_family_reaches_its_own_people() -> None:
    family = actor(FAMILY)
    assert may(family, ORDER_PLACE, Reach(TOWN, accounts=frozenset({1, 2})))
    assert not may(family, ORDER_PLACE, Reach(TOWN, accounts=frozenset({2})))


@given(ACTS, st.sampled_from([role for role in roles() if role.reaches != "region"]))
def test_a_region_alone_opens_nothing_to_those_who_work_by_name(act: Act, kind: RoleKind) -> None:
    assert not may(actor(kind, region="500151"), act, Reach(TOWN))


def test_an_organisation_without_number_is_nobodys() -> None:
    assert not may(actor(PROVIDER), ORDER_READ, Reach(TOWN))


def test_nothing_is_declared_or_granted_after_the_start() -> None:
    with pytest.raises(RuntimeError, match="after the start"):
        act("late.act", "太迟了", OFFICER)
    with pytest.raises(RuntimeError, match="too late"):
        grant(ELDER_READ, PROVIDER)


def test_an_act_that_nobody_may_do_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    reopen(monkeypatch, registry._acts)
    monkeypatch.setattr(registry, "_granted", dict(registry._granted))
    act("idle.act", "没人能做")
    assert registry._missing() == ["tests.test_rights: act 'idle.act' is granted to nobody"]
    grant(Act("idle.act", ""), OFFICER)
    assert registry._missing() == []


def test_a_role_that_is_copied_is_the_same() -> None:
    assert copy.deepcopy(Actor(1, "某", FAMILY)).kind is FAMILY
    assert copy.deepcopy(ELDER_READ) is ELDER_READ
