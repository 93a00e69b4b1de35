"""Who may log in as an assessor: exactly those the register names."""

from datetime import timedelta

import pytest

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.numbers import OtherName
from songbai.core.accounts.queries import actors_of
from songbai.core.accounts.registry import RoleKind
from songbai.core.accounts.rules import SYSTEM
from songbai.core.errors import NotAllowed
from songbai.domain.assessments import actions
from songbai.domain.assessments.declares import ASSESSOR
from songbai.domain.assessments.models import Assessor
from songbai.domain.assessments.queries import my_sheets
from songbai.domain.assessments.tests.scene import Scene, asked, make_scene
from tests.cast import Cast, acting, make_account

PHONE = "13700000007"


@pytest.fixture
def scene(cast: Cast) -> Scene:
    return make_scene(cast)


def worker(phone: str = PHONE, name: str = "新评估员") -> Account:
    """A working account that may do nothing yet."""
    return Account.objects.register(phone, name, "long-test-password")


def newcomer(scene: Scene) -> Assessor:
    return actions.register_assessor(
        SYSTEM,
        scene.bodies[0],
        name="新评估员",
        number="P-new",
        medical=True,
        certificate="能力评估师",
        certificate_until=clock.today() + timedelta(days=700),
    )


def kinds(account: Account) -> list[RoleKind | None]:
    return [actor.kind for actor in actors_of(account)]


def test_linking_opens_the_door_and_the_sheets_that_wait(scene: Scene) -> None:
    for one in scene.assessors[0]:
        actions.let_go(SYSTEM, one)
    newcomer(scene)
    second = actions.register_assessor(
        SYSTEM,
        scene.bodies[0],
        name="另一位",
        number="P-2",
        medical=False,
        certificate="能力评估师",
        certificate_until=clock.today() + timedelta(days=700),
    )
    actions.assign(SYSTEM, asked(scene.cast).pk, scene.bodies[0].pk)
    account = worker(name="另一位")
    with acting(scene.cast.officer):
        actions.link_account(scene.cast.officer, second, PHONE)
    [actor] = actors_of(account)
    assert actor.kind is ASSESSOR
    with acting(actor):
        assert my_sheets(actor).get().name == "另一位"


def test_those_who_can_log_in_are_sent_first(scene: Scene) -> None:
    newcomer(scene)
    found = actions.assign(SYSTEM, asked(scene.cast).pk, scene.bodies[0].pk)
    assert all(sheet.account_id for sheet in found.sheets.all())


def test_who_leaves_is_let_out(scene: Scene) -> None:
    account = worker()
    one = newcomer(scene)
    actions.link_account(SYSTEM, one, PHONE)
    actions.let_go(SYSTEM, one)
    assert kinds(account) == []


def test_another_account_takes_the_place_of_the_first(scene: Scene) -> None:
    first, second = worker(), worker("13700000008")
    one = newcomer(scene)
    actions.link_account(SYSTEM, one, PHONE)
    actions.link_account(SYSTEM, one, "13700000008")
    assert (kinds(first), kinds(second)) == ([], [ASSESSOR])


def test_a_family_member_keeps_the_login_by_code(scene: Scene) -> None:
    daughter = Account.objects.get(pk=scene.cast.daughter.account)
    with pytest.raises(actions.NoWorkingAccount):
        actions.link_account(SYSTEM, newcomer(scene), daughter.phone_number())


@pytest.mark.parametrize("phone", ["", "13700000009", "x"])
def test_unknown_phones_are_refused(scene: Scene, phone: str) -> None:
    with pytest.raises(actions.NoWorkingAccount):
        actions.link_account(SYSTEM, newcomer(scene), phone)


def test_one_account_assesses_for_one(scene: Scene) -> None:
    taken = Account.objects.get(pk=scene.actors[0][0].account)
    with pytest.raises(OtherName):
        actions.link_account(SYSTEM, newcomer(scene), taken.phone_number())
    Account.objects.filter(pk=taken.pk).update(name="新评估员")
    with pytest.raises(actions.AlreadyListed):
        actions.link_account(SYSTEM, Assessor.objects.get(number="P-new"), taken.phone_number())


def test_only_the_office_links(scene: Scene) -> None:
    worker()
    one = newcomer(scene)
    for actor in (scene.manager, scene.cast.far_officer, make_account("别人", ASSESSOR)):
        with pytest.raises(NotAllowed):
            actions.link_account(actor, one, PHONE)
