"""What providers plug into the doors."""

from songbai.core.accounts.rules import Actor
from songbai.domain.elders.queries.figures import heads
from songbai.domain.providers.queries.figures import beds_in
from songbai.web.frames.bureau import Place, link
from songbai.web.plugs import WATCH, Kpi, Link, cards, links

links["bureau"].at(410)(Link("bureau:beds", "机构和床位", icon="building-community", under=WATCH))
links["portal"].at(10)(Link("portal:home", "首页"))
links["portal"].at(20)(Link("portal:search", "找服务"))
links["provider"].at(20)(Link("provider:staff", "护理员", icon="users"))


@cards.at(20)
def _beds(actor: Actor, place: Place, month: str) -> Kpi:  # noqa: ARG001  # beds of now
    beds, elders = beds_in(place.prefix), heads(actor, place.prefix).elders
    return Kpi(
        "养老机构床位",
        f"{beds.beds:,}",
        "张",
        link("beds", region=place.prefix),
        f"每千人 {1000 * beds.beds / elders:.1f} 张" if elders else f"{beds.places:,} 家机构",
        right=f"空 {beds.free:,}",
    )
