"""Who ordered for an elder has died: what is to come is asked about."""

from songbai.core.accounts.models import Account, DoubtWhy
from songbai.core.accounts.numbers import doubt_number, end_doubt
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.elders.actions.passing import found_alive
from songbai.domain.elders.models import Followed, FollowedState
from songbai.domain.orders.actions.kin import ask_about_orders_of_kin
from tests.acts import placed
from tests.cast import Cast


def waiting() -> int:
    return Followed.objects.filter(what="order", state=FollowedState.TO_DO).count()


def test_orders_to_come_of_who_has_died_are_asked_about_once(cast: Cast) -> None:
    order = placed(cast)
    doubt_number(Account.objects.get(pk=cast.daughter.account), DoubtWhy.DIED)
    ask_about_orders_of_kin(cast.mother.pk, cast.stranger_family.account)
    assert not Followed.objects.exists()
    for _ in range(2):
        ask_about_orders_of_kin(cast.mother.pk, cast.daughter.account)
    [left] = Followed.objects.all()
    assert (left.what, left.subject_id) == ("order", order.pk)
    assert str(order.number) in left.words


def test_who_is_found_alive_leaves_no_order_to_be_asked_about_and_may_die_later(cast: Cast) -> None:
    placed(cast)
    account = Account.objects.get(pk=cast.daughter.account)
    for _ in range(2):
        doubt = doubt_number(account, DoubtWhy.DIED)
        ask_about_orders_of_kin(cast.mother.pk, account.pk)
        assert waiting() == 1
        end_doubt(doubt, same=True, by="李局", found="打过电话，本人接的")
        found_alive(SYSTEM, account.pk)
        assert waiting() == 0
    ask_about_orders_of_kin(cast.mother.pk, account.pk)  # a job that comes late
    assert waiting() == 0
