"""Writing a file anew where a bomb does no harm: in a process that gets so much and no more.

``python -m songbai.core.files.apart KIND`` reads the file and writes it anew.
"""

import resource
import subprocess
import sys

from songbai.core.errors import Refused
from songbai.core.one_at_a_time import OneAtATime

from .clean import Moving, PdfTooLarge, TooManyPoints, rewritten
from .rules import LARGEST, FileKind

_HERE = __name__
#: Seconds of a processor and bytes of memory that one file may take.
SECONDS, MEMORY = 20, 1 << 30
#: Bytes of a file written anew: not packed as tight as it came, but no bomb.
MOST_KEPT = 2 * LARGEST
_turn = OneAtATime()


class FileTooLarge(Refused):
    """文件太大了，一个文件最多 5 MB。请拍小一点，或只拍有用的那一页。"""

    field = "proof_file"


class WrongFile(Refused):
    """只收照片（JPG、PNG、WebP）和 PDF，这个文件打不开，不是这几种或带着程序。请重新拍一张。"""

    field = "proof_file"


_REFUSALS: dict[str, type[Refused]] = {
    kind.__name__: kind for kind in (FileTooLarge, WrongFile, TooManyPoints, Moving, PdfTooLarge)
}


def cleaned(kind: FileKind, content: bytes) -> bytes:
    """The file written anew.

    Raises FileTooLarge, WrongFile, TooManyPoints, Moving, PdfTooLarge, TryAgain.
    """
    with _turn:
        command = [sys.executable, "-m", _HERE, kind]
        done = subprocess.run(command, input=content, capture_output=True)  # noqa: S603  # our own
    if done.returncode:
        said = done.stderr.decode(errors="replace").splitlines()
        raise _REFUSALS.get(said[-1] if said else "", WrongFile)
    return done.stdout


def _clean(kind: FileKind) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        written = rewritten(kind, sys.stdin.buffer.read())
    except Refused as refused:
        sys.exit(type(refused).__name__)
    if written is None:
        sys.exit(WrongFile.__name__)
    if len(written) > MOST_KEPT:
        sys.exit(FileTooLarge.__name__)
    sys.stdout.buffer.write(written)


if __name__ == "__main__":
    _clean(FileKind(sys.argv[1]))
