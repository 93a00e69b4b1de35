"""The words of states, against the states there are."""

from django.urls import reverse

from songbai.domain.careplans.rules import PlanState
from songbai.domain.orders.actions import confirm
from songbai.domain.orders.models import Order
from songbai.domain.orders.rules import OrderState
from songbai.web.templatetags.songbai import vocabulary
from tests.acts import all_steps_done, begun, left
from tests.cast import Cast, acting
from tests.doors import signed_in


def codes(family: str) -> set[str]:
    return {code for name, code in vocabulary() if name == family}


def test_every_word_is_the_word_of_a_state() -> None:
    assert codes("order") == {*map(str, OrderState), "held"}
    assert codes("careplan") == {*map(str, PlanState)}


def test_nothing_is_called_done_while_somebody_must_look(cast: Cast) -> None:
    visit = begun(cast, code="", reason="门口的码掉了")
    all_steps_done(cast, visit)
    left(cast, visit)
    order = Order.objects.get()
    with acting(cast.daughter):
        confirm(cast.daughter, order.pk)
    for actor, page in (
        (cast.daughter, "family:order"),
        (cast.provider_staff, "provider:order"),
        (cast.officer, "bureau:order"),
    ):
        reply = signed_in(actor).get(reverse(page, args=[order.pk]), follow=True)
        text = reply.content.decode()
        assert ">待核对<" in text or "待核对</" in text or "做完了，在核对" in text, page
    order.refresh_from_db()
    assert (order.state, order.standing) == (OrderState.DONE, "held")
