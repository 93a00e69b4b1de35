"""What the elder agreed to, one purpose at a time."""

from songbai.core.errors import FormError, Refused
from songbai.domain.elders.actions.consents import say
from songbai.domain.elders.queries.family import (
    agreements,
    guardian_of,
    history_of_consents,
    standing,
)
from songbai.domain.elders.rules.consents import purposes
from songbai.domain.elders.rules.family import Standing, may_consent
from songbai.web.rooms.elders.household import household, note
from songbai.web.views import (
    Actor,
    HttpRequest,
    HttpResponse,
    Shown,
    done,
    door,
    form,
    whole_number,
)

from ..words import reader_words

MOST = 20
SAID = {True: "同意：", False: "收回同意："}
DONE = {"1": "记下了，现在就生效。", "0": "收回了，从现在起不再给他们看。"}


@door("family", "elders/<int:elder_id>/consents/", menu="me")
def consents(request: HttpRequest, _: Actor, elder_id: int, **__: object) -> Shown:
    """Every purpose: what goes to whom, what happens without, and what was said."""
    home = household(request, elder_id)
    note(request, home, ["name", "consents"], "家属看同意情况")
    mine, guarded = standing(home.actor, home.elder), guardian_of(home.elder) is not None
    names = {code: purpose.name for code, purpose in purposes().items()}
    return {
        "household": home,
        "rows": agreements(home.actor, home.elder),
        "may_give": may_consent(mine, given=True, under_guardianship=guarded),
        "may_withdraw": may_consent(mine, given=False, under_guardianship=guarded),
        "guarded": guarded,
        "said": [
            {
                "at": row.at,
                "words": SAID[row.given] + names.get(row.purpose, "已停用"),
                "who": reader_words(row.account_id, row.by_name, "", home.actor).split("（")[0],
                "standing": Standing(row.standing).words,
                "proof": row.proof,
            }
            for row in history_of_consents(home.actor, home.elder)[:MOST]
        ],
    }


@form("family", "elders/<int:elder_id>/consents/<slug:purpose>/", mends=FormError, shows=consents)
def consent(request: HttpRequest, _: Actor, elder_id: int, purpose: str) -> HttpResponse:
    """Give or withdraw consent for one purpose."""
    home = household(request, elder_id)
    said, version = request.POST.get("given", ""), whole_number(request.POST.get("version", ""))
    if said not in {"1", "0"}:
        raise Refused("请点“同意”或“收回同意”。")
    say(home.actor, home.elder, purpose, given=said == "1", version=version)
    return done(request, DONE[said], "family:consents", elder_id)
