"""The form that asks for a correction: the same for family, caregiver and bureau."""

from typing import Any

from songbai.core.approvals.models import Proposal
from songbai.core.approvals.queries import of_person
from songbai.core.errors import Refused
from songbai.core.regions.queries import children, place_words
from songbai.core.regions.rules import Level
from songbai.domain.elders.actions.corrections import (
    CORRECTION,
    Correction,
    ask_correction,
    sayer,
)
from songbai.domain.elders.declares import OFFICER
from songbai.domain.elders.models import Elder
from songbai.domain.elders.rules.corrections import correctable
from songbai.domain.elders.rules.kinds import BANK_CARD, Kind, ValueType, kinds
from songbai.web.asked import fen_typed
from songbai.web.doors import refusal
from songbai.web.rooms.files.proofs import keep_proof
from songbai.web.views import Actor, HttpRequest, key_of

#: How a value is typed, by its type: the input's type and its mode.
INPUTS = {
    ValueType.DATE: ("date", ""),
    ValueType.WHOLE: ("text", "numeric"),
    ValueType.FEN: ("text", "decimal"),
    ValueType.REGION: ("text", "numeric"),
    ValueType.TEXT: ("text", ""),
}
SHOWN = 20


def values(request: HttpRequest, actor: Actor, elder: Elder) -> dict[str, Any]:
    """What the form's template needs."""
    sent = request.POST if request.method == "POST" else request.GET
    codes, plain = correctable(sayer(actor)), actor.kind is not OFFICER
    chosen = kinds().get(sent.get("kind", "")) if sent.get("kind", "") in codes else None
    error = refusal(request)
    field = error.field if error and error.field in {"proof_file", "why", "kind"} else "value"
    return {
        "kinds": [(code, _named(kinds()[code], plain=plain)) for code in codes],
        "chosen": chosen,
        **(_about(chosen, elder, plain=plain) if chosen else {}),
        "typed": sent,
        "asked": [_asked(one) for one in of_person(actor, elder.pk, CORRECTION)[:SHOWN]],
        "error": error,
        "error_field": field if error else "",
        "errors": [{"field": field, "message": error.message}] if error else [],
    }


def _about(chosen: Kind, elder: Elder, *, plain: bool) -> dict[str, Any]:
    """How the kind that is wrong is asked for."""
    return {
        "named": _named(chosen, plain=plain),
        "options": _options(chosen, elder.region_id if plain else ""),
        "nearby": plain and chosen.type is ValueType.REGION,
        "input": INPUTS.get(chosen.type, ("text", "")),
        "is_money": chosen.type is ValueType.FEN,
        "can_share": chosen.code == BANK_CARD and not plain,
    }


def ask(request: HttpRequest, actor: Actor, elder: Elder) -> Proposal:
    """Hand in what was typed.

    Raises what ``ask_correction`` and ``keep_proof`` raise.
    """
    sent = request.POST
    key = key_of(sent)
    code = sent.get("kind", "")
    if code not in kinds():
        raise Refused("请选要改哪一项。", field="kind")
    value = sent.get("value", "").strip()
    if kinds()[code].type is ValueType.FEN:
        fen = fen_typed(value)
        value = value if fen is None else str(fen)
    file_id = keep_proof(request, actor, elder, "更正资料的证明")
    why, shared = sent.get("why", ""), bool(sent.get("shared"))
    return ask_correction(actor, elder, Correction(key, code, value, why, file_id, shared))


def _named(kind: Kind, *, plain: bool) -> str:
    return kind.asked if plain else kind.name


def _options(chosen: Kind, near: str) -> list[tuple[str, str]]:
    """What is chosen from; who cannot know codes chooses among the villages of a district."""
    if chosen.type is ValueType.REGION and near:
        villages = children(near[:6], Level.VILLAGE)
        return [(one.code, place_words(one.code, district=False)) for one in villages]
    if chosen.type is ValueType.BOOL:
        return [("true", "是"), ("false", "否")]
    return list(chosen.codes.items())


def _asked(proposal: Proposal) -> tuple[Proposal, list[tuple[str, str, str]]]:
    """What somebody asked for, and what became of it: who said what, and why."""
    votes = [
        (row.voter_name, "同意" if row.verdict == "yes" else "不同意", row.why)
        for row in proposal.votes.order_by("id")
    ]
    return proposal, votes
