"""A process that ends with the one that started it, even when that one is killed without a word.

``python -m songbai.core.parent PID COMMAND …`` becomes COMMAND, bound to the process PID. Only
Linux can do it; elsewhere COMMAND runs unbound.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Be killed when the process ``parent``, which must be our parent, ends."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before we asked
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 # the supervisor's own command
