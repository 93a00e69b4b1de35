"""A file appears whole under its name or not at all, though the disk be full or the power gone."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def draft(path: Path) -> Iterator[Path]:
    """A hidden file beside ``path`` to write into; it becomes ``path`` when the block ends well.

    Only its owner reads it. Raises OSError.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.touch(mode=0o600)
        yield beside
        with beside.open("rb") as stream:
            os.fsync(stream.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write(path: Path, content: bytes) -> None:
    """Make or replace a file. Raises OSError."""
    with draft(path) as beside:
        beside.write_bytes(content)
