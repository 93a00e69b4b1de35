"""Asking that somebody logs in by another number: the same in every door."""

from songbai.core.approvals.models import Proposal
from songbai.domain.elders.actions.numbers import ask_number
from songbai.domain.elders.models import Elder
from songbai.web.rooms.files.proofs import keep_proof
from songbai.web.views import Actor, HttpRequest, key_of


def ask(request: HttpRequest, actor: Actor, elder: Elder, proxy_id: int) -> Proposal:
    """Hand in what was typed. Raises what ``ask_number`` and ``keep_proof`` raise."""
    sent = request.POST
    proof, phone = sent.get("proof", ""), sent.get("phone", "").strip()
    file_id = keep_proof(request, actor, elder, "换手机号的证明")
    return ask_number(actor, elder, key_of(sent), proxy_id, phone, proof, file_id)
