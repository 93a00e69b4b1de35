"""Tables of the register, one file for each subject."""

from .consent import Consent, LegalHold, Proxy
from .elder import Elder, ElderCount
from .facts import (
    ClosedList,
    Conflict,
    ConflictState,
    CurrentFact,
    Derivation,
    Fact,
    TrustOrder,
)
from .turn import Followed, FollowedState, Turn, TurnKind
