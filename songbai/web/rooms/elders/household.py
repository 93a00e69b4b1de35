"""For whom a family page is: the elders an account acts for, and the one chosen."""

from dataclasses import dataclass
from typing import Any

from songbai.core.errors import NotAllowed, NotFound
from songbai.domain.elders.models import Elder, Proxy
from songbai.domain.elders.queries import elders_of_family
from songbai.domain.elders.queries.family import death_source
from songbai.web.doors import frames, signed_in
from songbai.web.rooms.elders.looks import noted
from songbai.web.views import Actor, HttpRequest, HttpResponse, render

ELDER_KEY = "songbai.elder"


@dataclass(frozen=True)
class Household:
    """The signed-in family member, everybody they act for, and whose page this is."""

    actor: Actor
    proxies: list[Proxy]
    proxy: Proxy | None

    @property
    def elder(self) -> Elder:
        """The chosen elder.

        Raises NotAllowed when the account acts for nobody.
        """
        if self.proxy is None:
            raise NotAllowed("您还没有替老人办事的授权。请到社区办理，或拨 12349。")
        return self.proxy.elder

    @property
    def sees_money(self) -> bool:
        """Whether the binding covers credit and payments."""
        return self.proxy is not None and self.proxy.may_see_money

    @property
    def death_source(self) -> str:
        """Who registered the chosen elder as dead, in words; asked only where it is shown."""
        return death_source(self.elder)

    @property
    def is_self(self) -> bool:
        """True when the elder is the one holding the phone."""
        return self.proxy is not None and self.proxy.relation == "本人"


def household(request: HttpRequest, elder_id: object = None) -> Household:
    """Who is meant: the elder asked for (``?elder=`` or given), else the one chosen before.

    What is asked for is remembered in the session. Raises NotFound for somebody else's elder.
    """
    actor = signed_in(request)
    proxies = elders_of_family(actor)
    asked = str(elder_id or request.GET.get("elder", ""))
    wanted = asked or str(request.session.get(ELDER_KEY, ""))
    found = next((proxy for proxy in proxies if str(proxy.elder_id) == wanted), None)
    if asked and found is None:
        raise NotFound
    if asked and found and request.session.get(ELDER_KEY) != found.elder_id:
        request.session[ELDER_KEY] = found.elder_id
    return Household(actor, proxies, found or (proxies[0] if proxies else None))


def note(request: HttpRequest, home: Household, fields: list[str], purpose: str) -> None:
    """Leave the trace of showing these fields of the chosen elder.

    Raises NotAllowed when the account acts for nobody.
    """
    noted(request, [home.elder], purpose, *fields)


def page(
    request: HttpRequest,
    template: str,
    home: Household,
    *,
    here: str = "",
    status: int = 200,
    **values: Any,
) -> HttpResponse:
    """Draw a family page: every template knows the household and the elder."""
    elder = home.proxy.elder if home.proxy else None
    shared = {"household": home, "elder": elder, "here": here}
    return render(request, template, {**shared, **values}, status=status)


def _draw(
    request: HttpRequest, name: str, menu: str, /, household: Household, **values: Any
) -> HttpResponse:
    return page(request, f"family/{name}.html", household, here=menu or name, **values)


frames["family"] = _draw
