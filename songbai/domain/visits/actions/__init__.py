"""The only writer of visits: coming, caring, leaving, and what is said from the door."""

from .reporting import report, see_to
from .visiting import Scan, changes_of, check_in, check_out, deny, look, record_step, visit_of
