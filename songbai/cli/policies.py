"""What ``songbai policy`` does. Exit codes are those of ``Exit``."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any

from songbai.domain.benefits.rules.evaluate import decide_all
from songbai.domain.benefits.rules.library import Library, in_force, load
from songbai.domain.benefits.rules.located import WrongFile
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.rules.statements import read_facts
from songbai.domain.benefits.rules.vocabulary import folders
from songbai.domain.benefits.worked import Tried, tried

Say = Callable[[str], object]


class Exit(IntEnum):
    """How a command ended."""

    FINE = 0
    WRONG = 1
    """A file is wrong, or a worked case comes out otherwise."""
    USAGE = 2
    """A path does not exist, or the month is none."""
    CANNOT_DECIDE = 3
    """Decided and printed, but a fact is missing for at least one policy."""
    NOT_IN_FORCE = 4
    """None of the policies holds in that month for that subject."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``check PATH…``, ``test PATH…``, ``decide PATH… --facts FILE.json --month YYYY-MM``.

    Without a path: the law of this installation as a whole, see ``vocabulary.folders``.
    """
    acts = parser.add_subparsers(dest="act", required=True)
    for name, says in (("check", "检查文件写得对不对"), ("test", "用两种算法跑案例")):
        acts.add_parser(name, help=says).add_argument("paths", nargs="*", metavar="PATH")
    decide = acts.add_parser("decide", help="判断一个人，打印每一条条件")
    decide.add_argument("paths", nargs="+", metavar="PATH")
    decide.add_argument("--facts", required=True, metavar="FILE.json")
    decide.add_argument("--month", required=True, metavar="YYYY-MM")


def main(arguments: Sequence[str]) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser("songbai policy", description="待遇政策的工具，不用数据库")
    add_arguments(parser)
    options = vars(parser.parse_args(arguments))
    return act(options, print, lambda text: print(text, file=sys.stderr))


def act(options: Mapping[str, Any], say: Say, warn: Say) -> Exit:
    """Run what was asked for."""
    if options["act"] == "decide":
        return decide(options["paths"], options["facts"], options["month"], say, warn)
    return (check if options["act"] == "check" else test)(options["paths"], say, warn)


def check(paths: Sequence[str], say: Say, warn: Say) -> Exit:
    """Whether the files are policies that can be used."""
    library = _library(paths, warn)
    if library is None:
        return Exit.USAGE
    for note in library.notes:
        warn(f"提醒：{note}")
    for policy in library.policies:
        marks = [f"{'、'.join(policy.unverified)}未核实"] if policy.unverified else []
        marks += [] if policy.cases else ["没有案例"]
        life = f"{policy.valid_from} 至 {policy.valid_to or '今'}"
        say("，".join([f"{policy.file}：{policy.name}，{life}", *marks]))
    if library.problems:
        say(f"{library.files} 个文件，{len(library.problems)} 处要改。")
        return Exit.WRONG
    say(f"{library.files} 个文件，{len(library.policies)} 个政策，都可以用。")
    return Exit.FINE


def test(paths: Sequence[str], say: Say, warn: Say) -> Exit:
    """Run every worked case through both evaluators."""
    library = _library(paths, warn)
    if library is None:
        return Exit.USAGE
    if library.problems:
        return Exit.WRONG
    found: list[Tried] = tried(library)
    for one in found:
        for wrong in one.wrong:
            warn(f"{one.file}:{one.case.line}：{one.case.name}：{wrong}")
    bad = sum(bool(one.wrong) for one in found)
    if not found:
        warn("没有案例。请在文件的 cases 里至少写一个。")
        return Exit.WRONG
    say(f"{len(found)} 个案例，逐人和批量两种算法都算过，{len(found) - bad} 个通过，{bad} 个不对。")
    return Exit.WRONG if bad else Exit.FINE


def decide(paths: Sequence[str], facts: str, month: str, say: Say, warn: Say) -> Exit:
    """Print the decisions for one subject and month as JSON."""
    try:
        when = Month.parse(month)
    except ValueError:
        warn(f"--month 要写年和月，如 2026-06，现在是 {month!r}。")
        return Exit.USAGE
    library = _library(paths, warn)
    if library is None or library.problems:
        return Exit.USAGE if library is None else Exit.WRONG
    try:
        sheet = read_facts(Path(facts), library.facts)
    except OSError:
        warn(f"读不了 {facts}。请检查路径。")
        return Exit.USAGE
    except WrongFile as error:
        warn(error.message)
        return Exit.WRONG
    chosen = in_force(library.policies, when, sheet.subject)
    found = [decision.as_json() for decision in decide_all(chosen, sheet, when)]
    single = len(library.policies) == 1 and len(found) == 1
    document = found[0] if single else {"format": "songbai-decisions/1", "decisions": found}
    if not found:
        warn(f"{month} 没有适用于这类对象的政策。")
        return Exit.NOT_IN_FORCE
    say(json.dumps(document, ensure_ascii=False, indent=2))
    undecided = any(one["decision"] == "cannot_decide" for one in found)
    return Exit.CANNOT_DECIDE if undecided else Exit.FINE


def _library(paths: Sequence[str], warn: Say) -> Library | None:
    try:
        library = load(map(Path, paths)) if paths else load(folders(), later_wins=True)
    except FileNotFoundError as error:
        warn(f"没有 {error.args[0]}。请检查路径。")
        return None
    if not library.files:
        warn("这里没有 .yaml 文件。")
        return None
    for problem in library.problems:
        warn(str(problem))
    return library
