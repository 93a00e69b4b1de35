"""What is put right afterwards. A closed month stays; the difference is a row of its own.

``find_corrections`` compares past months with what is known now: too little becomes arrears of the
next cycle, too much a recovery. Suspending keeps money back for a time, with reason and dates.
"""

from .finding import find_corrections
from .recovering import ask_return, ask_waiver, repay, repay_whole, set_instalments
from .suspending import resume, suspend
