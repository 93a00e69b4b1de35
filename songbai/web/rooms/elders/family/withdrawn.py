"""What was said of the elder and taken back: the letter about it."""

from songbai.domain.elders.queries.withdrawn import withdrawal, withdrawals
from songbai.web.views import Actor, HttpRequest, HttpResponse, door, private

from .. import withdrawn
from ..household import household, note, page


@door("family", "elders/<int:elder_id>/withdrawn/", name="withdrawn")
def taken_back(request: HttpRequest, _: Actor, elder_id: int) -> HttpResponse:
    """Everything that was taken back, with its letters."""
    home = household(request, elder_id)
    note(request, home, ["name", "withdrawn"], "家属看撤回的登记")
    rows = [(one, withdrawn.told(one)) for one in withdrawals(home.actor, home.elder)]
    return private(page(request, "family/withdrawn.html", home, here="me", rows=rows))


@door("family", "elders/<int:elder_id>/withdrawn/<int:gone_id>/letter/", name="withdrawn_letter")
def letter(request: HttpRequest, _: Actor, elder_id: int, gone_id: int) -> HttpResponse:
    """The letter about one of them."""
    home = household(request, elder_id)
    found = withdrawal(home.actor, home.elder, gone_id)
    note(request, home, ["name", "withdrawn"], "家属看更正告知书")
    return withdrawn.letter(home.elder, found)
