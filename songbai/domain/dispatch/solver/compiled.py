"""Where compiled kernels are kept between runs.

Numba notices a change in the file of a kernel, not in the files of what it calls. So the folder is
named after the digest of all of them; a new version never meets the machine code of an old one.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar, cast

import numba
from numba.core import config


def cache_folder() -> Path:
    """``SONGBAI_KERNELS``, or ``kernels`` in the user's cache folder; one folder per version."""
    digest = hashlib.blake2b(numba.__version__.encode(), digest_size=8)
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        if "tests" not in file.parts:
            digest.update(file.read_bytes())
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    root = Path(os.environ.get("SONGBAI_KERNELS") or cache / "songbai" / "kernels")
    return root / digest.hexdigest()


FOLDER = cache_folder()
F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile ``function``; it runs without the interpreter's lock and is cached on disk."""
    return _kept(function, {"nogil": True})


def inlined(function: F) -> F:
    """Compile a small ``function`` into each of its callers."""
    return _kept(function, {"nogil": True, "inline": "always"})


_TWINS: dict[FunctionType, FunctionType] = {}


def interpreted(function: F) -> F:
    """The same function, and all of the solver that it calls, without machine code.

    Slow, but there at once, and it says the same: for one insertion while kernels are compiled.
    """
    plain = _plain(function)
    if plain not in _TWINS:
        names = dict(plain.__globals__)
        twin = FunctionType(
            plain.__code__, names, plain.__name__, plain.__defaults__, plain.__closure__
        )
        twin.__kwdefaults__ = plain.__kwdefaults__
        _TWINS[plain] = twin
        own = {name: value for name, value in names.items() if _is_ours(value)}
        names.update({name: interpreted(value) for name, value in own.items()})
    return cast(F, _TWINS[plain])


def _plain(function: Callable[..., Any]) -> FunctionType:
    return cast(FunctionType, getattr(function, "py_func", function))


def _is_ours(value: object) -> bool:
    plain = getattr(value, "py_func", value)
    return isinstance(plain, FunctionType) and plain.__module__.startswith(__package__ or "")


def _kept(function: F, options: dict[str, Any]) -> F:
    compiled = numba.njit(**options)(function)
    elsewhere = vars(config)["CACHE_DIR"]
    vars(config)["CACHE_DIR"] = str(FOLDER)
    try:
        compiled.enable_caching()
    finally:
        vars(config)["CACHE_DIR"] = elsewhere
    return cast(F, compiled)
