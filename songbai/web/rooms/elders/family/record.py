"""The elder's record: who looked at it, the code at the door, what the elder agreed to, and what is
wrong in it: asking for a correction, what was taken back.
"""

import segno
from django.core.paginator import Paginator
from django.utils.safestring import mark_safe

from songbai.core.audit.queries import reads_of
from songbai.core.audit.registry import read_words
from songbai.core.audit.rules import looks
from songbai.core.errors import FormError, Refused
from songbai.domain.elders.actions.consents import say
from songbai.domain.elders.queries import reach_of
from songbai.domain.elders.queries.family import (
    agreements,
    guardian_of,
    history_of_consents,
    standing,
)
from songbai.domain.elders.queries.withdrawn import withdrawal, withdrawals
from songbai.domain.elders.rules.consents import purposes
from songbai.domain.elders.rules.family import Standing, may_consent
from songbai.web.rooms.elders import correcting, withdrawn
from songbai.web.rooms.elders.household import household, note
from songbai.web.rooms.elders.words import looked_from, reader_words
from songbai.web.views import (
    Actor,
    HttpRequest,
    HttpResponse,
    Shown,
    done,
    door,
    form,
    posted,
    whole_number,
)

A_PAGE = 30


@door("family", "elders/<int:elder_id>/reads/")
def reads(request: HttpRequest, _: Actor, elder_id: int) -> Shown:
    """Everybody who looked at the elder's record: when, who, what, and what for."""
    home = household(request, elder_id)
    note(request, home, ["name", "reads"], "家属看谁看过档案")
    rows = reads_of(home.actor, home.elder.pk, reach_of(home.elder))
    others_only = request.GET.get("who") != "all"
    if others_only:
        rows = rows.exclude(account_id=home.actor.account_id)
    page_of_rows = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    shown = [
        {
            "at": look.read.at,
            "reader": reader_words(
                look.read.account_id, look.read.reader, look.read.role, home.actor
            ),
            "fields": read_words(look.read.fields),
            "purpose": look.read.purpose,
            "place": looked_from(look.read.where),
            "times": look.times,
        }
        for look in looks(page_of_rows)
    ]
    return {"household": home, "page": page_of_rows, "looks": shown, "others_only": others_only}


@door("family", "elders/<int:elder_id>/code/")
def code(request: HttpRequest, _: Actor, elder_id: int) -> Shown:
    """The code for the elder's door, to print and stick on."""
    home = household(request, elder_id)
    note(request, home, ["name", "door_code"], "家属打印门口的码")
    text = request.build_absolute_uri(f"/d/{home.elder.door_code}")
    picture = segno.make(text, error="m", micro=False).svg_inline(
        border=4, omitsize=True, dark="#000", light="#fff", title="门口的二维码"
    )
    # Drawn by segno from our own text: holds nothing a person typed.
    svg = mark_safe(picture)  # noqa: S308
    return {"household": home, "svg": svg, "text": text}


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


@form("family", "elders/<int:elder_id>/corrections/", mends=FormError, menu="me")
def corrections(request: HttpRequest, _: Actor, elder_id: int) -> Shown:
    """Choose what is wrong, write what is right, and see earlier requests with their answers."""
    home = household(request, elder_id)
    if posted(request):
        correcting.ask(request, home.actor, home.elder)
        words = "交上去了。社区核对以后，这里会写明结果。"
        return done(request, words, "family:corrections", elder_id)
    note(request, home, ["name", "corrections"], "家属看更正申请")
    return {"household": home, **correcting.values(request, home.actor, home.elder)}


@door("family", "elders/<int:elder_id>/withdrawn/", name="withdrawn", menu="me")
def taken_back(request: HttpRequest, _: Actor, elder_id: int) -> Shown:
    """Everything that was taken back, with its letters."""
    home = household(request, elder_id)
    note(request, home, ["name", "withdrawn"], "家属看撤回的登记")
    rows = [(one, withdrawn.told(one)) for one in withdrawals(home.actor, home.elder)]
    return {"household": home, "rows": rows}


@door("family", "elders/<int:elder_id>/withdrawn/<int:gone_id>/letter/", name="withdrawn_letter")
def letter(request: HttpRequest, _: Actor, elder_id: int, gone_id: int) -> HttpResponse:
    """The letter about one of them."""
    home = household(request, elder_id)
    found = withdrawal(home.actor, home.elder, gone_id)
    note(request, home, ["name", "withdrawn"], "家属看更正告知书")
    return withdrawn.letter(home.elder, found)
