"""A way to clean a file that takes all the memory there is: it is given no more than any other."""

import sys

from songbai.core.files import apart


def rewritten(_: object, content: bytes) -> bytes:
    """More and more of it."""
    kept = [content]
    while True:
        kept.append(kept[-1] * 2)


if __name__ == "__main__":
    apart.rewritten = rewritten  # type: ignore[assignment]  # in its place
    apart._clean(apart.FileKind(sys.argv[1]))
