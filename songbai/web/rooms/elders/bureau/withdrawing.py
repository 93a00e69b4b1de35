"""What is wrong in a record: asking for a correction, taking back what was said; what follows."""

from songbai.core.errors import FormError, NotFound
from songbai.domain.elders.actions.corrections import Withdrawing, ask_withdrawal
from songbai.domain.elders.actions.passing import KIN
from songbai.domain.elders.actions.turning import SIGNS, UNDONE, see_to
from songbai.domain.elders.queries import get
from songbai.domain.elders.queries.facts import of_person
from songbai.domain.elders.queries.facts.words import masked_value
from songbai.domain.elders.queries.withdrawn import to_see_to, withdrawal, withdrawals
from songbai.domain.elders.rules.kinds import kind_of, source_words
from songbai.domain.elders.under_way import Cause
from songbai.web.doors import door, form, posted
from songbai.web.frames.bureau.shell import slice_of
from songbai.web.rooms.elders.looks import noted
from songbai.web.rooms.files.proofs import keep_proof
from songbai.web.views import Actor, HttpRequest, HttpResponse, Shown, done, key_of

from .. import correcting, withdrawn

_CAUSES = {
    **dict(Cause.choices()),
    SIGNS: "去世以后还有动静",
    KIN: "办事的人去世",
    UNDONE: "登记的行撤销了",
    "staff": "护理员去世或离开",
}


@form("bureau", "elders/<int:elder_id>/facts/<int:fact_id>/withdraw/", mends=FormError)
def withdraw(request: HttpRequest, actor: Actor, elder_id: int, fact_id: int) -> Shown:
    """Which statement is wrong, why, on what proof; another officer decides."""
    elder = get(actor, elder_id)
    fact = next((row for row in of_person(actor, elder) if row.pk == fact_id), None)
    if fact is None:
        raise NotFound
    sent = request.POST
    if posted(request):
        file_id = keep_proof(request, actor, elder, "撤回登记的证明")
        why, proof = sent.get("why", ""), sent.get("proof", "")
        wanted = Withdrawing(key_of(sent), fact.pk, why, proof, file_id)
        proposal = ask_withdrawal(actor, elder, wanted)
        return done(request, "提交了。另一位同事核对证明后撤回。", "bureau:proposal", proposal.pk)
    noted(request, [elder], "撤回登记的情况", "name", "village", "facts")
    kind = kind_of(fact.kind)
    return {
        "elder": elder,
        "what": f"{kind.name}：{masked_value(kind, fact)}",
        "source": source_words()[fact.source],
        "fact": fact,
    }


@door("bureau", "elders/<int:elder_id>/withdrawn/", name="withdrawn")
def taken_back(request: HttpRequest, actor: Actor, elder_id: int) -> Shown:
    """What was taken back of somebody, and what became of what had followed from it."""
    elder = get(actor, elder_id)
    noted(request, [elder], "看撤回的登记", "name", "withdrawn")
    return {
        "elder": elder,
        "rows": [(one, withdrawn.told(one)) for one in withdrawals(actor, elder)],
    }


@door("bureau", "elders/<int:elder_id>/withdrawn/<int:gone_id>/letter/", name="withdrawn_letter")
def letter(request: HttpRequest, actor: Actor, elder_id: int, gone_id: int) -> HttpResponse:
    """The letter to the person about one statement that was taken back."""
    elder = get(actor, elder_id)
    found = withdrawal(actor, elder, gone_id)
    noted(request, [elder], "打印更正告知书", "name", "withdrawn")
    return withdrawn.letter(elder, found)


@door("bureau", "followed/")
def followed(request: HttpRequest, actor: Actor, **_: object) -> Shown:
    """What could not go back by itself, the oldest first."""
    shown = slice_of(to_see_to(actor), request)
    noted(request, [row.elder for row in shown.rows], "看要还原的事", "name", "village")
    rows = [(row, _CAUSES.get(row.cause, "合并")) for row in shown.rows]
    return {"rows": rows, "shown": shown}


@form("bureau", "followed/<int:followed_id>/", mends=FormError, shows=followed)
def followed_done(request: HttpRequest, actor: Actor, followed_id: int) -> HttpResponse:
    """Somebody saw to it."""
    see_to(actor, followed_id, request.POST.get("note", ""))
    return done(request, "记下了。", "bureau:followed")


@form("bureau", "elders/<int:elder_id>/correction/", mends=FormError)
def correction(request: HttpRequest, actor: Actor, elder_id: int) -> Shown:
    """What is wrong in a record, what is right, on what proof."""
    elder = get(actor, elder_id)
    if posted(request):
        proposal = correcting.ask(request, actor, elder)
        return done(request, "提交了。另一位同事核对后生效。", "bureau:proposal", proposal.pk)
    noted(request, [elder], "提更正", "name", "corrections")
    return {
        "elder": elder,
        **correcting.values(request, actor, elder),
    }
