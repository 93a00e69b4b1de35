"""A way to clean a file that takes all the memory there is: it is given no more than any other."""

import sys
from unittest.mock import patch

from songbai.core.files import apart
from songbai.core.files.rules import FileKind


def rewritten(_: object, content: bytes) -> bytes:
    """More and more of it."""
    kept = [content]
    while True:
        kept.append(kept[-1] * 2)


if __name__ == "__main__":
    with patch.object(apart, "rewritten", rewritten):
        apart._clean(FileKind(sys.argv[1]))
