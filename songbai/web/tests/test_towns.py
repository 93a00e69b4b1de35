"""A town's officer sees what belongs to the town, also where the provider sits elsewhere."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager

from django.urls import reverse

from songbai.core import clock
from songbai.domain.orders.actions import NewOrder, place
from songbai.domain.orders.models import Order
from tests.cast import Cast, acting, make_elder, tomorrow
from tests.doors import LogIn, placed, served


def test_an_order_of_the_town_is_whole_though_its_provider_sits_elsewhere(
    cast: Cast, log_in: LogIn
) -> None:
    elder = make_elder("周安居", 2001, region="500151105201")
    order = placed(cast, elder, cast.dispatcher)
    served(cast, order)
    reply = log_in(cast.town_officer).get(reverse("bureau:order", args=[order.pk]))
    text = reply.content.decode()
    assert len(reply.context["evidence"]) == 6
    assert len(reply.context["entries"]) == 1
    assert reply.context["net_sum"] == 0
    assert "不在您能看的范围里" in text
    assert "周*居" in text
    assert "周安居" not in text


def test_a_town_officer_sees_no_way_to_settle_and_no_check_of_books(
    cast: Cast, log_in: LogIn
) -> None:
    elder = make_elder("周安居", 2001, region="500151105201")
    order = placed(cast, elder, cast.dispatcher)
    with clock.moved_to(order.window_start):
        reply = log_in(cast.town_officer).get(reverse("bureau:money"), {"month": order.month})
    [line] = reply.context["tables"].providers
    assert (line.settle_url, line.agrees) == ("", None)
    assert "结算由区民政局办" in reply.content.decode()


def test_more_orders_do_not_need_more_queries(
    cast: Cast,
    order: Order,
    log_in: LogIn,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    for number in range(2100, 2108):
        elder = make_elder("周多多", number)
        with acting(cast.dispatcher):
            place(
                cast.dispatcher,
                NewOrder(
                    key=uuid.uuid4(),
                    elder=elder,
                    offer_ids=[cast.cleaning.pk],
                    window_start=tomorrow(9),
                    window_end=tomorrow(11),
                ),
            )
    client = log_in(cast.officer)
    client.get(reverse("bureau:overview"))  # counts the work of the side bar, which is kept
    with django_assert_max_num_queries(30):
        reply = client.get(reverse("bureau:orders"), {"show": "progress"})
    assert len(reply.context["rows"]) == 9
