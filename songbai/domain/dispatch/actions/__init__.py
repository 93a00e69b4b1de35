"""Everything that is decided about who goes where when: one function, one act of one person."""

from .common import (
    AgainstWish,
    AlreadyTaken,
    Departed,
    Doubtful,
    LeavesAlone,
    NotFree,
    NotQualified,
    WithoutVehicle,
)
from .drafts import DoesNotFit, NotADraft, draft, drop, move, pin, redraft
from .leaving import follow_death, note_back, note_gone
from .live import note_absent, note_begun, note_ended, watch_progress
from .positions import Fix, NobodyLeft, NotAtWork, NotShared, share_position, tell_position
from .publishing import Outdated, Planned, Published, plan, publish
from .sending import assign, call_back, free_caregiver, note_not_given, withdraw
from .vehicles import ShiftOver, give_vehicle, take_vehicle
from .wishes import end_wish, state_wish
