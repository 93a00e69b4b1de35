"""What the register plugs into the doors."""

from collections.abc import Iterable
from datetime import timedelta

from songbai.core import clock
from songbai.core.accounts.rules import Actor
from songbai.domain.elders.actions.numbers import WAIT, asked_of_me
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries.facts import conflicts, of_person
from songbai.domain.elders.queries.facts.words import masked_value
from songbai.domain.elders.queries.family import doubts
from songbai.domain.elders.queries.figures import heads, heads_by_division
from songbai.domain.elders.queries.withdrawn import to_see_to, withdrawals
from songbai.domain.elders.rules import LivingSituation
from songbai.domain.elders.rules.kinds import DEATH, PLACES, kind_of, source_words
from songbai.web.frames.bureau.shell import link, waits
from songbai.web.places import Place
from songbai.web.plugs import (
    CARE,
    Column,
    Indicator,
    Kpi,
    Link,
    Moment,
    Pairs,
    Panel,
    cards,
    columns,
    indicators,
    links,
    moments,
    panels,
)
from songbai.web.templatetags.songbai import day_words, hm

from .household import Household
from .withdrawn import told

links["bureau"].at(110)(Link("bureau:elders", "老人名册", icon="users", under=CARE))
links["bureau"].at(130)(
    Link(
        "bureau:conflicts",
        "说法不一致",
        icon="alert-triangle",
        under=CARE,
        count=waits("conflicts", lambda actor: conflicts(actor).count()),
    )
)
links["bureau"].at(135)(
    Link(
        "bureau:followed",
        "要人还原的事",
        icon="arrow-back-up",
        under=CARE,
        count=waits("followed", lambda actor: to_see_to(actor).count()),
    )
)
links["bureau"].at(136)(
    Link(
        "bureau:numbers",
        "要核对的手机号",
        icon="phone-call",
        under=CARE,
        count=waits("numbers", lambda actor: doubts(actor).count()),
    )
)
links["bureau elder"].at(65)(Link("bureau:withdrawn", "撤回的登记"))
links["bureau elder"].at(70)(Link("bureau:privacy", "授权和同意"))
links["bureau elder"].at(80)(Link("bureau:correction", "更正资料"))
links["family"].at(10)(Link("family:home", "首页", icon="home"))
links["family"].at(50)(Link("family:me", "我的", icon="user"))
links["family elder"].at(20)(Link("family:reads", "谁看过档案", icon="eye"))
links["family elder"].at(30)(Link("family:code", "门口的码", icon="qrcode"))
links["family elder"].at(40)(Link("family:relatives", "谁能帮忙办事", icon="users"))
links["family elder"].at(50)(Link("family:consents", "资料给谁看", icon="lock"))
links["family elder"].at(80)(Link("family:corrections", "资料有错，要改", icon="edit"))
links["family elder"].at(85)(Link("family:withdrawn", "登记错了已撤回的", icon="arrow-back-up"))

#: What a person's story tells of what was said: where she lives, how she is called.
_TOLD = (*sorted(PLACES), "phone")


@moments.at(10)
def _places_and_numbers(actor: Actor, about: Elder) -> Iterable[Moment]:
    for fact in of_person(actor, about):
        if fact.kind in _TOLD:
            kind = kind_of(fact.kind)
            value = "撤回" if fact.withdrawn else masked_value(kind, fact)
            yield Moment(fact.recorded_at, f"{kind.name}：{value}", source_words()[fact.source])


#: How long the family's first page says that something was taken back.
_NEWS = timedelta(days=60)


@panels["family home"].at(1)
def _number_asked(actor: Actor, about: Household) -> Panel | None:  # noqa: ARG001  # of the account
    asked = [(one, one.proposed_at + WAIT) for one in asked_of_me(actor)]
    return Panel("family/_number_asked.html", {"asked": asked}, ()) if asked else None


@panels["family home"].at(5)
def _withdrawn(actor: Actor, about: Household) -> Panel | None:
    recent = [
        one
        for one in withdrawals(actor, about.elder)
        if one.at > clock.now() - _NEWS and (one.kind.code == DEATH or one.followed)
    ]
    if not recent:
        return None
    rows = [told(one) for one in recent]
    return Panel("family/_withdrawn.html", {"rows": rows, "elder": about.elder}, ("withdrawn",))


@cards.at(10)
def _elders(actor: Actor, place: Place, month: str) -> Kpi:  # noqa: ARG001  # as of the last count
    people, here = heads(actor, place.prefix), {"region": place.prefix}
    counted, old = people.counted_at, people.old_share
    return Kpi(
        "60 岁以上老人",
        f"{people.elders:,}" if counted else "还没统计",
        "人" if counted else "",
        link("elders", **here),
        f"80 岁以上 {old:.1f}%" if old is not None else "每天夜里统计一次",
        link("elders", **here, age=80) if old is not None else "",
        note=f"，老人数是 {day_words(counted)} {hm(counted)} 统计的" if counted else "",
    )


@columns.at(10)
def _columns(actor: Actor, place: Place, month: str) -> list[Column]:  # noqa: ARG001
    counted = heads_by_division(actor, place.prefix, place.digits)

    def column(key: str, head: str, **query: str) -> Column:
        return Column(key, head, {c: getattr(h, key) for c, h in counted.items()}, "elders", query)

    return [
        column("elders", "60 岁以上"),
        column("old", "80 岁以上", age="80"),
        column("alone", "独居", living=LivingSituation.LIVING_ALONE),
    ]


def _old_share(actor: Actor, place: Place, month: str) -> Pairs:  # noqa: ARG001  # not monthly
    counted = heads_by_division(actor, place.prefix, place.digits)
    return {part: (h.old, h.elders) for part, h in counted.items()}


indicators.at(50)(
    Indicator(
        "old",
        "80 岁以上占比",
        "%",
        100,
        "80 岁以上（人）",
        "60 岁以上老人（人）",
        "80 岁以上老人 ÷ 60 岁以上老人，按每天夜里的统计",
        _old_share,
    )
)
