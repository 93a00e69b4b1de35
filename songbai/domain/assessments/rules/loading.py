"""Instrument files, read and checked; what is wrong is told with its line."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from songbai.core.yaml_file import LOADER

from .instrument import Instrument

FOLDER = Path(__file__).resolve().parents[4] / "catalogues" / "instruments"


class WrongInstrument(ValueError):
    """An instrument file that cannot be used; the message names every line at fault."""


class UnknownInstrument(LookupError):
    """No file holds an instrument of this code."""


def parse(text: str, name: str = "instrument") -> Instrument:
    """The instrument a YAML text describes; ``name`` is used in messages.

    Raises WrongInstrument, naming each line at fault.
    """
    try:
        node = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise WrongInstrument(f"{name}:{line}: {error.problem}") from error
    if not isinstance(node, yaml.MappingNode):
        raise WrongInstrument(f"{name}:1: not a mapping")
    twice = [f"{name}:{line}: {key} is given twice" for line, key in _doubles(node)]
    if twice:
        raise WrongInstrument("\n".join(twice))
    try:
        return Instrument.model_validate(
            yaml.constructor.SafeConstructor().construct_document(node)
        )
    except ValidationError as error:
        lines = [
            f"{name}:{_line(node, problem['loc'])}: {_path(problem['loc'])}{problem['msg']}"
            for problem in error.errors()
        ]
        raise WrongInstrument("\n".join(lines)) from error


@cache
def load_all(folder: Path = FOLDER) -> dict[str, Instrument]:
    """Every instrument of a folder, by code; current ones first, then by code.

    Raises WrongInstrument.
    """
    found: dict[str, Instrument] = {}
    for path in sorted(folder.glob("*.yaml")):
        one = parse(path.read_text("utf-8"), path.name)
        if one.code in found:
            raise WrongInstrument(f"{path.name}:1: the code {one.code} belongs to another file")
        found[one.code] = one
    return dict(sorted(found.items(), key=lambda pair: (pair[1].retired, pair[0])))


def load(code: str, folder: Path = FOLDER) -> Instrument:
    """One instrument.

    Raises UnknownInstrument naming those there are, WrongInstrument.
    """
    known = load_all(folder)
    if code not in known:
        raise UnknownInstrument(f"没有量表“{code}”。现有：{'、'.join(known)}")
    return known[code]


def _doubles(node: yaml.Node) -> Iterator[tuple[int, str]]:
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _doubles(child)
    elif isinstance(node, yaml.MappingNode):
        seen = set()
        for key, child in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, key.value
            seen.add(key.value)
            yield from _doubles(child)


def _line(node: yaml.Node, path: tuple[int | str, ...]) -> int:
    """The line of the deepest part of a path that the file really has."""
    for step in path:
        below: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            below = next((child for key, child in node.value if key.value == str(step)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            below = node.value[step] if step < len(node.value) else None
        if below is not None:
            node = below
    return int(node.start_mark.line) + 1


def _path(path: tuple[int | str, ...]) -> str:
    return f"{'.'.join(str(step) for step in path)}: " if path else ""
