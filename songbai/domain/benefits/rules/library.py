"""Folders of policies: which files there are, whether they fit together, what holds in a month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from .cases import read_cases
from .facts import POLICIES
from .located import read_yaml
from .months import Month
from .policy import Case, Policy
from .problems import Problem, WrongFile
from .reading import CASES_FORMAT, FORMAT, read_policy

FACTS_FORMAT = "songbai-facts/1"


@dataclass
class Library:
    """The policies and joint cases of some files, and every problem found in them."""

    policies: list[Policy] = field(default_factory=list)
    cases: list[tuple[str, Case]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    files: int = 0


def files_in(path: Path) -> list[Path]:
    """The YAML files of a folder and below, or the file itself. Raises FileNotFoundError."""
    if path.is_dir():
        return sorted(p for p in path.rglob("*") if p.suffix in {".yaml", ".yml"} and p.is_file())
    if not path.exists():
        raise FileNotFoundError(path)
    return [path]


def load(paths: Iterable[Path]) -> Library:
    """Read all files; problems are collected. Raises FileNotFoundError."""
    found = Library()
    later: list[Path] = []
    for file in dict.fromkeys(file for path in paths for file in files_in(path)):
        found.files += 1
        try:
            kind = _format(file)
            if kind == CASES_FORMAT:
                later.append(file)
            elif kind != FACTS_FORMAT:
                found.policies.append(read_policy(file))
        except WrongFile as error:
            found.problems += error.problems
        except OSError as error:
            found.problems.append(Problem(str(file), 1, 1, f"读不了文件（{error.strerror}）。"))
    found.problems += conflicts(found.policies)
    by_code = {policy.code: policy for policy in found.policies}
    for file in later:
        try:
            found.cases += [(str(file), case) for case in read_cases(file, by_code)]
        except WrongFile as error:
            found.problems += error.problems
    return found


def _format(file: Path) -> str:
    try:
        top = read_yaml(file.read_text("utf-8"), str(file))
    except UnicodeDecodeError as error:
        problem = Problem(str(file), 1, 1, "文件不是 UTF-8 编码，请另存为 UTF-8。")
        raise WrongFile([problem]) from error
    node = top.items.get("format")
    return getattr(node, "text", FORMAT)


def conflicts(policies: Sequence[Policy]) -> list[Problem]:
    """Lives of one code that overlap, and groups whose members do not agree."""
    found = []
    for index, policy in enumerate(policies):
        for other in policies[:index]:
            if policy.code == other.code and _overlap(policy, other):
                text = (
                    f"{policy.code} 和 {other.file} 的有效期重叠，请写清 valid_from 和 valid_to。"
                )
                found.append(Problem(policy.file, 1, 1, text))
            mine = {group.group: group for group in policy.stacking}
            for theirs in other.stacking:
                ours = mine.get(theirs.group)
                if ours is None or not _overlap(policy, other) or policy.code == other.code:
                    continue
                if ours.rule is not theirs.rule:
                    text = f"{theirs.group} 组的 rule 和 {other.file} 里写的 {theirs.rule} 不一样。"
                    found.append(Problem(policy.file, 1, 1, text))
                elif ours.order == theirs.order:
                    text = f"{theirs.group} 组的 order {ours.order} 和 {other.file} 的相同。"
                    found.append(Problem(policy.file, 1, 1, text))
    return found


def _overlap(one: Policy, other: Policy) -> bool:
    latest = max(one.valid_from, other.valid_from)
    return latest <= min(one.valid_to or date.max, other.valid_to or date.max)


@cache
def shipped() -> tuple[Policy, ...]:
    """Every policy that comes with the program.

    Raises WrongFile.
    """
    found = load([POLICIES])
    if found.problems:
        raise WrongFile(found.problems)
    return tuple(found.policies)


def in_force(policies: Iterable[Policy], month: Month, subject: str = "elder") -> list[Policy]:
    """The policies of a subject that hold in a month."""
    return [p for p in policies if p.subject == subject and p.in_force(month)]
