"""Pure rules of proposals: their states, and when enough people agreed."""

from collections.abc import Iterable
from enum import StrEnum


class ProposalState(StrEnum):
    """Where a proposal stands."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Verdict(StrEnum):
    """What a voter says."""

    YES = "yes"
    NO = "no"


#: The ways out of being open; nothing leads back.
ENDS = {
    ProposalState.APPROVED: "what it did is undone by the act that its room has for it",
    ProposalState.REJECTED: "proposed anew",
    ProposalState.WITHDRAWN: "proposed anew",
    ProposalState.EXPIRED: "proposed anew",
}
TRANSITIONS = tuple((ProposalState.OPEN, end) for end in ENDS)


def outcome(verdicts: Iterable[Verdict], needed: int) -> ProposalState:
    """One no rejects; ``needed`` times yes approves; else it stays open."""
    said = list(verdicts)
    if Verdict.NO in said:
        return ProposalState.REJECTED
    return ProposalState.APPROVED if said.count(Verdict.YES) >= needed else ProposalState.OPEN
