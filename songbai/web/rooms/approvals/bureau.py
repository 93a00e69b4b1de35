"""What waits for a second person: the work list, one proposal with its proof, the decision."""

from songbai.core.accounts.registry import role_words
from songbai.core.approvals import registry
from songbai.core.approvals.actions import vote, withdraw
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.queries import get, payload_of, visible, waiting
from songbai.core.approvals.rules import ProposalState, Verdict
from songbai.core.errors import FormError, Refused
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries import note_read, show_plain
from songbai.domain.elders.queries.figures import named
from songbai.domain.elders.rules import mask_name
from songbai.web.frames.bureau.shell import slice_of
from songbai.web.templatetags.songbai import mask_phone
from songbai.web.views import Actor, HttpRequest, Shown, done, door, form, posted
from songbai.web.words import village_of

#: Words for what a proposal holds, by the key of its content; others are not shown.
CONTENT = {
    "name": "姓名",
    "phone": "电话",
    "relation": "关系",
    "order": "可以订服务",
    "money": "可以看钱",
    "days": "多少天",
    "proof": "凭什么",
    "words": "要改的",
    "shown": "改成",
    "said": "要撤回的",
    "then": "撤回以后",
}


@door("bureau", "proposals/")
def proposals(request: HttpRequest, actor: Actor) -> Shown:
    """What others asked for and this officer may decide; or everything, decided and open."""
    every = request.GET.get("show") == "all"
    kinds = {kind.name: kind.label for kind in registry.kinds()}
    kind = request.GET.get("kind", "")
    rows = visible(actor).order_by("-id") if every else waiting(actor)
    shown = slice_of(rows.filter(kind=kind) if kind in kinds else rows, request)
    people = named(actor, {row.person_id for row in shown.rows if row.person_id})
    where = request.path
    note_read(actor, [*people.values()], fields=["name"], purpose="看待审事项", where=where)
    return {
        "kinds": kinds,
        "kind": kind,
        "every": every,
        "rows": [(row, kinds.get(row.kind, row.kind), _who(people, row)) for row in shown.rows],
        "shown": shown,
    }


@form("bureau", "proposals/<int:proposal_id>/", mends=FormError)
def proposal(request: HttpRequest, actor: Actor, proposal_id: int) -> Shown:
    """One proposal: who asks for what and why; yes, no with a reason, or taking it back."""
    found = get(actor, proposal_id)
    if posted(request):
        _decide(actor, found, request.POST.get("verdict", ""), request.POST.get("why", ""))
        return done(request, "记下了。", "bureau:proposal", proposal_id)
    return _show(request, actor, found)


def _decide(actor: Actor, found: Proposal, said: str, why: str) -> None:
    if said == "withdraw":
        withdraw(actor, found.pk)
    elif said in {"yes", "no"}:
        vote(actor, found.pk, Verdict(said), why)
    else:
        raise Refused("请选“同意”或“不同意”。", field="verdict")


def _show(request: HttpRequest, actor: Actor, found: Proposal) -> Shown:
    people = named(actor, {found.person_id}) if found.person_id else {}
    elder = people.get(found.person_id or 0)
    if elder is not None:
        show_plain(
            actor, elder, fields=["name", "corrections"], purpose="审核申请", where=request.path
        )
    return {
        "one": found,
        "label": registry.kind(found.kind).label,
        "who": _who(people, found),
        "elder": elder,
        "place": village_of(found.region_id),
        "role": role_words(found.proposer_role, "系统"),
        "content": _content(found),
        "votes": [(row, role_words(row.voter_role, "系统")) for row in found.votes.order_by("id")],
        "mine": found.proposer_id == actor.account_id,
        "voted": found.votes.filter(voter_id=actor.account).exists(),
        "near": registry.is_barred(actor, found),
        "is_open": found.state == ProposalState.OPEN,
        "why": request.POST.get("why", ""),
    }


def _content(found: Proposal) -> list[tuple[str, str]]:
    said = {True: "是", False: "否"}
    rows = [(key, value) for key, value in payload_of(found).items() if key in CONTENT]
    return [
        (CONTENT[key], mask_phone(value) if key == "phone" else said.get(value, str(value)))
        for key, value in rows
        if value != ""
    ]


def _who(people: dict[int, Elder], row: Proposal) -> str:
    elder = people.get(row.person_id or 0)
    return mask_name(elder.name) if elder else ""
