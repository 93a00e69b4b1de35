"""Paying an approved cycle: payments → files for the bank → its answers → the books are closed.

``start`` is an officer's act; all after it is the program's, by ``pay`` and ``take_answers``, which
go on where a killed one stopped.
"""

from .accounts import (
    ask_account,
    call_off,
    end,
    hold_back,
    let_go,
    pay_after_all,
    tell_account,
    try_again,
)
from .answers import take_answer, take_answers
from .running import pay, start, unfinished
