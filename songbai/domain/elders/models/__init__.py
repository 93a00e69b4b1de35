"""Tables of the register, one file for each subject."""

from .consent import Consent, LegalHold
from .count import ElderCount
from .elder import Elder
from .facts import (
    ClosedList,
    Conflict,
    ConflictState,
    CurrentFact,
    Derivation,
    Fact,
    TrustOrder,
)
from .proxy import Proxy
from .turn import Followed, FollowedState, Turn, TurnKind
