"""What matching plugs into the doors."""

from songbai.core.accounts.rules import Actor
from songbai.domain.matching.queries.joined import open_candidates
from songbai.web.frames.bureau.shell import WORK_SECONDS, kept
from songbai.web.plugs import CARE, Link, links


def _pairs(actor: Actor) -> int:
    return kept(actor, "pairs", WORK_SECONDS, open_candidates(actor).count)


links["bureau"].at(120)(
    Link("bureau:matching", "疑似同一人", icon="user-search", under=CARE, count=_pairs)
)
