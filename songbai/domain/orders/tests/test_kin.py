"""Who ordered for an elder has died: what is to come is asked about."""

from songbai.domain.elders.models import Followed
from songbai.domain.orders.actions.kin import ask_about_orders_of_kin
from tests.acts import placed
from tests.cast import Cast


def test_orders_to_come_of_who_has_died_are_asked_about_once(cast: Cast) -> None:
    order = placed(cast)
    ask_about_orders_of_kin(cast.mother.pk, cast.stranger_family.account)
    assert not Followed.objects.exists()
    for _ in range(2):
        ask_about_orders_of_kin(cast.mother.pk, cast.daughter.account)
    [left] = Followed.objects.all()
    assert (left.what, left.subject_id) == ("order", order.pk)
    assert str(order.number) in left.words
