"""The acts of a benefit cycle, in the order they happen.

``freeze`` → ``decide`` → ``check`` → ``send_to_towns`` are the program's; then ``settle`` and
``confirm`` by towns, ``notify`` and ``propose`` by the district, approval by another person of it,
paying, ``close``.
"""

from .checking import check
from .deciding import decide
from .freezing import freeze
from .notices import notify, send_notices
from .proposing import propose
from .running import resume, run
from .steps import WrongState, advance, close, close_empty
from .towns import confirm, open_again, settle
