"""Telling by text message what was done, or is asked for, in an elder's name."""

from songbai.core.accounts import tasks
from songbai.core.accounts.models import Account
from songbai.core.acting import Actor, system_only
from songbai.core.approvals.models import Proposal
from songbai.core.approvals.queries import payload_of
from songbai.core.events.models import Event
from songbai.core.events.registry import said
from songbai.domain.elders.models import Elder
from songbai.domain.elders.queries.family import kin_of
from songbai.domain.elders.rules import mask_name
from songbai.domain.elders.rules.kinds import BANK_CARD

from .corrections import CORRECTION
from .family import GUARDIAN, GUARDIAN_END, HERSELF, RELATIVE
from .numbers import NUMBER, NUMBER_KIN

#: What is told when it is asked for; of corrections those that say where her money goes, and by
#: which telephone she is reached.
_TOLD = {RELATIVE, GUARDIAN, GUARDIAN_END, HERSELF, NUMBER, NUMBER_KIN}
_CORRECTIONS = {BANK_CARD, "phone"}


def tell_home(actor: Actor, event: Event) -> int:
    """Tell everybody who acts for an elder, whose binding it is, and the telephone of the register;
    not who is stopped, as somebody else has that number.

    Returns how many messages. Raises NotAllowed.
    """
    system_only(actor)
    elder = Elder.objects.filter(pk=event.person_id or 0).first()
    words = _words(event)
    if elder is None or not words:
        return 0
    whose, stopped = event.payload.get("account", 0), event.payload.get("stops", 0)
    people = Account.objects.filter(pk__in={*kin_of(elder), whose} - {stopped})
    to = [(one.pk, "") for one in people.filter(is_active=True).order_by("pk")]
    if to and elder.phone and not people.filter(phone_index=elder.phone_index).exists():
        to.append((to[0][0], bytes(elder.phone).hex()))
    text = f"{mask_name(elder.name)}：{words}。不是本人和家里要办的，请马上打 12349。"
    for account, phone in to:
        tasks.tell.defer(account_id=account, words=text, phone=phone)
    return len(to)


def _words(event: Event) -> str:
    """What is told of an event; "" for what concerns nobody at home."""
    if not event.kind.startswith("proposal."):
        quiet = event.kind == "elder.proxy_bound" and event.actor_id is None
        return "" if quiet else said(event.kind, event.payload, "family")
    asked = Proposal.objects.get(pk=event.subject_id)
    corrects = asked.kind == CORRECTION and payload_of(asked)["kind"] in _CORRECTIONS
    if event.kind == "proposal.approved":  # of the others it is told what was done
        return f"{asked.about}，审核同意了" if corrects else ""
    concerns = corrects or asked.kind in _TOLD
    return f"有人申请{asked.about}，审核同意后生效" if concerns else ""
