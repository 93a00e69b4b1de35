"""Everything that changes benefits, one file for each subject."""

from .informing import GivenNotice, note_given
from .lapsing import lapse, takes_back
from .objections import NewObjection, answer, raise_objection, take, withdraw
