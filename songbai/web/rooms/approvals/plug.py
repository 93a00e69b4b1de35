"""What approvals plug into the doors."""

from songbai.core.accounts.rules import Actor
from songbai.core.approvals.queries import waiting
from songbai.web.frames.bureau.shell import kept
from songbai.web.plugs import CARE, Link, links


def _waiting(actor: Actor) -> int:
    return kept(actor, f"waiting:{actor.account}", 5, waiting(actor).count)


links["bureau"].at(140)(
    Link("bureau:proposals", "审核", icon="user-check", under=CARE, count=_waiting)
)
