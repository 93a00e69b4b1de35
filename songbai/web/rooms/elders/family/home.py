"""The first page, and who I am."""

from songbai.core import clock
from songbai.web.plugs import fields_of, links, menu, panels_at
from songbai.web.views import Actor, HttpRequest, HttpResponse, Shown, door

from ..household import household, note, page
from ..words import honorific


@door("family", "")
def home(request: HttpRequest, _: Actor) -> HttpResponse:
    """What is due today, what the month's credit is, and the four things families do."""
    who = household(request)
    if who.proxy is None:
        return page(request, "family/nobody.html", who, here="home")
    shown = panels_at("family home", who.actor, who)
    note(request, who, ["name", *fields_of(shown)], "家属看首页")
    hour = clock.now().astimezone(clock.SHANGHAI).hour
    return page(
        request,
        "family/home.html",
        who,
        here="home",
        greeted=honorific(who.elder) if who.is_self else who.actor.name,
        greeting=part_of_day(hour),
        panels=shown,
        tiles=[
            tile
            for link, tile in zip(links["family home"], menu("family home", "home"), strict=True)
            if link.shown(who.elder)
        ],
    )


@door("family", "me/")
def me(request: HttpRequest, _: Actor) -> Shown:
    """Who is signed in, and for whom they act until when."""
    who = household(request)
    rows = [
        (
            proxy,
            [
                (link, link.url(proxy.elder_id))
                for link in links["family elder"]
                if link.shown(proxy)
            ],
        )
        for proxy in who.proxies
    ]
    return {"household": who, "rows": rows}


def part_of_day(hour: int) -> str:
    """The greeting for an hour of the day."""
    names = ((6, "夜深了"), (11, "上午好"), (13, "中午好"), (18, "下午好"), (24, "晚上好"))
    return next(words for until, words in names if hour < until)
