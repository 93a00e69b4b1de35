"""Logs never hold a plain identity number, whoever wrote it there and however. Row M37.

``mask`` replaces what looks like an identity number of 18 or 15 places; the filter does so for
everything that goes through ``logging``, the processor for structlog.
"""

import logging
import re
import traceback

_DATE = r"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
#: Division, birth date, order, check digit: with right and with wrong check digit.
LONG = re.compile(rf"(?<![0-9A-Za-z])([1-8]\d{{3}})\d\d{_DATE}\d{{3}}[\dXx](?![0-9A-Za-z])")
_SHORT_DATE = r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
SHORT = re.compile(rf"(?<![0-9A-Za-z])([1-8]\d{{3}})\d\d{_SHORT_DATE}\d{{3}}(?![0-9A-Za-z])")


def mask(text: str) -> str:
    """The text with the ends of identity numbers only: 5001**************."""
    text = LONG.sub(lambda found: found[1] + "*" * 14, text)
    return SHORT.sub(lambda found: found[1] + "*" * 11, text)


class MaskIdentityNumbers(logging.Filter):
    """For a handler: masks message, arguments and the printed exception of every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the record through, masked."""
        record.msg, record.args = mask(record.getMessage()), ()
        if record.exc_info and record.exc_info[0] is not None:
            printed = "".join(traceback.format_exception(*record.exc_info))
            record.exc_text, record.exc_info = mask(printed).rstrip(), None
        elif record.exc_text:
            record.exc_text = mask(record.exc_text)
        return True
