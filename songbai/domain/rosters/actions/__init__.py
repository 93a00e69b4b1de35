"""Writing village registers: from upload to the last note."""

from .registers import (
    LookAgain,
    NotNow,
    SomebodyElseWrites,
    TooHigh,
    Upload,
    WrongColumns,
    back_to_columns,
    choose_columns,
    confirm,
    discard,
    look_again_if_old,
    look_over,
    note_errors_taken,
    upload,
    write,
)
