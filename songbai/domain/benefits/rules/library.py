"""Folders of policies: which files there are, whether they fit together, what is law in a month."""

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from .cases import read_cases
from .figures import FORMAT as FIGURES_FORMAT
from .figures import Figure, read_figures
from .located import Problem, WrongFile, read_yaml
from .months import Month
from .policy import ByDeath, Case, Policy
from .reading import CASES_FORMAT, FORMAT, parse_policy
from .sense import doubts, unpaid_end
from .standing import as_of, wrong_names
from .vocabulary import FORMAT as FACTS_FORMAT
from .vocabulary import Facts, folders, house_facts, overlaid

#: Whether a file changed is looked at so often, and a file is read once it rested so long: a file
#: that is just being written is not law.
LOOK_SECONDS, REST_SECONDS = 1.0, 2.0
#: What a file can say it is; a policy may forget to, then it is told so.
_KNOWN = {FORMAT, CASES_FORMAT, FACTS_FORMAT, FIGURES_FORMAT, "", "wrong"}
#: How the name of a file ends that is read.
ENDINGS = frozenset({".yaml", ".yml"})
_CODE = re.compile(r"^code:\s*[\"']?([a-z0-9-]+)", re.MULTILINE)


@dataclass
class Library:
    """The policies of some files that can be used, their joint cases, and every problem found.

    ``aside`` are the files with a problem: none of their policies is used.
    """

    facts: Facts
    policies: list[Policy] = field(default_factory=list)
    cases: list[tuple[str, Case]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    aside: set[str] = field(default_factory=set)
    notes: list[Problem] = field(default_factory=list)
    """What is worth a second look in files that are used."""
    files: int = 0

    def wrong(self, problems: Iterable[Problem], *files: str) -> None:
        """Note problems and set their files aside."""
        for problem in problems:
            self.problems.append(problem)
            self.aside |= {problem.file, *files}

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read a file up to here, or note what is wrong in it."""
        try:
            yield
        except WrongFile as error:
            self.wrong(error.problems)


def files_in(path: Path) -> list[Path]:
    """The YAML files of a folder and below, or the file itself. Raises FileNotFoundError."""
    if path.is_dir():
        return sorted(p for p in path.rglob("*") if p.suffix in ENDINGS and p.is_file())
    if not path.exists():
        raise FileNotFoundError(path)
    return [path]


def unread(path: Path) -> Iterator[Problem]:
    """What lies in a folder, looks like a policy and is not read."""
    for file in sorted(path.rglob("*")) if path.is_dir() else ():
        if file.suffix.lower() in ENDINGS and not file.is_dir():
            if not file.exists():
                yield Problem(str(file), 1, 1, "没有读：链接指向的文件不在。")
            elif file.suffix not in ENDINGS:
                yield Problem(str(file), 1, 1, "没有读：文件名要以小写的 .yaml 或 .yml 结尾。")


def load(paths: Iterable[Path], *, later_wins: bool = False) -> Library:
    """Read all files; problems are collected. Raises FileNotFoundError.

    With ``later_wins`` a code in a later path takes the place of its lives in earlier ones from its
    first day on: what was law before stays so.
    """
    found = Library(house_facts())
    paths = list(paths)
    texts = dict(_texts([files_in(path) for path in paths], found))
    for path in paths:
        found.wrong(unread(path))
    kinds = dict.fromkeys(texts, "wrong")  # a policy need not say what it is
    for file, (_, text) in texts.items():
        with found.reading():
            kinds[file] = getattr(read_yaml(text, str(file)).items.get("format"), "text", "")

    def of(*formats: str) -> list[Path]:
        return [file for file, kind in kinds.items() if kind in formats]

    found.facts, problems = overlaid(of(FACTS_FORMAT), found.facts)
    found.wrong(problems)
    figures = _figures(of(FIGURES_FORMAT), texts, found)
    for file in of(*(set(kinds.values()) - _KNOWN)):
        text = f"format {kinds[file]} 不认识，可以写：{'、'.join(sorted(_KNOWN - {'', 'wrong'}))}。"
        found.wrong([Problem(str(file), 1, 1, text)])
    files, read = of(FORMAT, ""), []
    for file in files:
        with found.reading():
            read.append(parse_policy(texts[file][1], str(file), found.facts, figures))
    if later_wins:
        places = _last_places(texts[file] for file in files)
        of_last = {p.file: texts[Path(p.file)][0] == places[p.code] for p in read}
        kept = list(_later_wins(read, of_last))
        own = [policy for policy in read if texts[Path(policy.file)][0]]
        for problem, other in _lost(own, kept):
            found.wrong([problem], other)
        read = kept
    read = [_followed(policy, read) for policy in read]
    for problem, other in conflicts(read):
        found.wrong([problem], other)
    for policy in read:
        names = (Problem(policy.file, 1, 1, text) for text in wrong_names(policy, read))
        found.wrong([*names, *doubts(policy)])
    found.policies = [policy for policy in read if policy.file not in found.aside]
    found.notes += [note for policy in found.policies for note in unpaid_end(policy)]
    by_code = {policy.code: policy for policy in found.policies}
    for file in of(CASES_FORMAT):
        with found.reading():
            found.cases += [(str(file), case) for case in read_cases(file, by_code)]
    return found


def _last_places(texts: Iterable[tuple[int, str]]) -> dict[str, int]:
    """The last place that names a code, also in a file that cannot be read."""
    places: dict[str, int] = {}
    for place, text in texts:
        code = _CODE.search(text)
        name = code[1] if code else ""
        places[name] = max(place, places.get(name, 0))
    return places


def _later_wins(read: Sequence[Policy], of_last: Mapping[str, bool]) -> Iterator[Policy]:
    """Lives of the last place that names a code, and others' up to the day before its first."""
    first: dict[str, date] = {}
    for policy in read:
        if of_last[policy.file]:
            first[policy.code] = min(policy.valid_from, first.get(policy.code, date.max))
    for policy in read:
        if of_last[policy.file]:
            yield policy
        elif policy.valid_from < (begun := first.get(policy.code, date.min)):
            until = min(policy.valid_to or date.max, begun - timedelta(days=1))
            yield replace(policy, valid_to=until)


def _lost(own: Iterable[Policy], kept: Sequence[Policy]) -> Iterator[tuple[Problem, str]]:
    """Lives of an installation's own folders of which another own folder leaves nothing."""
    files = {policy.file for policy in kept}
    for policy in own:
        others = [one for one in own if one.code == policy.code and one.file in files]
        if policy.file not in files and others:
            yield _overlapping(policy, others[-1]), others[-1].file


def _overlapping(policy: Policy, other: Policy) -> Problem:
    text = f"{policy.code} 和 {other.file} 的有效期重叠，请写清 valid_from 和 valid_to。"
    return Problem(policy.file, 1, 1, text)


def _followed(policy: Policy, among: Iterable[Policy]) -> Policy:
    """A life that says whether another comes after it, in its text, too: that is what is kept."""
    if policy.followed or not policy.valid_to or not policy.has_rhythm:
        return policy
    after = policy.valid_to + timedelta(days=1)
    if not any(one.code == policy.code and one.valid_from == after for one in among):
        return policy
    return replace(policy, followed=True, text=f"{policy.text}\nfollowed: true\n")


def _texts(
    files: Sequence[Sequence[Path]], found: Library
) -> Iterator[tuple[Path, tuple[int, str]]]:
    """Each file with the place of its path and its text."""
    for place, some in enumerate(files):
        for file in some:
            found.files += 1
            try:
                yield file, (place, file.read_text("utf-8"))
            except UnicodeDecodeError:
                found.wrong([Problem(str(file), 1, 1, "文件不是 UTF-8 编码，请另存为 UTF-8。")])
            except OSError as error:
                found.wrong([Problem(str(file), 1, 1, f"读不了文件（{error.strerror}）。")])


def _figures(
    files: Iterable[Path], texts: Mapping[Path, tuple[int, str]], found: Library
) -> dict[str, Figure]:
    """The figures of these files and of the installation's folders, later ones over earlier."""
    house = (folder / "figures.yaml" for folder in folders())
    among = {file: file.read_text("utf-8") for file in house if file.is_file()}
    among |= {file: texts[file][1] for file in files}
    figures: dict[str, Figure] = {}
    for file, text in among.items():
        with found.reading():
            figures |= read_figures(text, str(file))
    return figures


def conflicts(policies: Sequence[Policy]) -> Iterator[tuple[Problem, str]]:
    """Lives of one code that overlap, groups whose members do not agree; with the other file."""
    for index, policy in enumerate(policies):
        for other in policies[:index]:
            if policy.code == other.code and _overlap(policy, other):
                yield _overlapping(policy, other), other.file
            if policy.code == other.code:
                yield from ((one, other.file) for one in _begun_anew(policy, other))
            mine = {group.group: group for group in policy.stacking}
            for theirs in other.stacking:
                ours = mine.get(theirs.group)
                if ours is None or not _overlap(policy, other) or policy.code == other.code:
                    continue
                if ours.most != theirs.most:
                    text = f"{theirs.group} 组的 most 和 {other.file} 里写的不一样。"
                    yield Problem(policy.file, 1, 1, text), other.file
                elif ours.rule is not theirs.rule:
                    text = f"{theirs.group} 组的 rule 和 {other.file} 里写的 {theirs.rule} 不一样。"
                    yield Problem(policy.file, 1, 1, text), other.file
                elif ours.order == theirs.order:
                    text = f"{theirs.group} 组的 order {ours.order} 和 {other.file} 的相同。"
                    yield Problem(policy.file, 1, 1, text), other.file


def _begun_anew(one: Policy, other: Policy) -> Iterator[Problem]:
    """Of two lives in a row the later that counts months of death from its own first day."""
    earlier, later = sorted((one, other), key=lambda policy: policy.valid_from)
    follows = earlier.valid_to and earlier.valid_to + timedelta(days=1) == later.valid_from
    for part in later.amounts if follows else ():
        if part.by_death is ByDeath.PRO_RATA and part.since is None:
            text = f"{part.id} 去世按月发：这项政策以前就有，要写 since（从哪天起有这笔钱）。"
            yield Problem(later.file, 1, 1, text)


def _overlap(one: Policy, other: Policy) -> bool:
    latest = max(one.valid_from, other.valid_from)
    return latest <= min(one.valid_to or date.max, other.valid_to or date.max)


class _Law:
    """What was read last."""

    held: Library | None = None
    stamp: tuple[tuple[str, int, int], ...] = ()
    seen: tuple[tuple[str, int, int], ...] = ()
    """The files as they were when last looked at, and since when they are so."""
    since = 0.0
    looked = 0.0


def law() -> Library:
    """What is law in this installation: its own policies, and the program's of other codes.

    Files are read anew when one changed; those with a problem are set aside and the others used.
    """
    now = time.monotonic()
    if _Law.held is None or now - _Law.looked >= LOOK_SECONDS:
        _Law.looked = now
        there = [folder for folder in folders() if folder.is_dir()]
        stats = [(file, file.stat()) for folder in there for file in files_in(folder)]
        stamp = tuple((str(file), stat.st_mtime_ns, stat.st_size) for file, stat in stats)
        if stamp != _Law.seen:
            _Law.seen, _Law.since = stamp, now
        rested = now - _Law.since >= REST_SECONDS
        if _Law.held is None or (stamp != _Law.stamp and rested):
            held = load(there, later_wins=True)
            held.wrong(
                Problem(str(folder), 1, 1, "没有这个文件夹，请检查 SONGBAI_POLICIES。")
                for folder in folders()
                if folder not in there
            )
            _Law.held, _Law.stamp = held, stamp
    return _Law.held


def in_force(policies: Iterable[Policy], month: Month, subject: str = "elder") -> list[Policy]:
    """The policies of a subject that hold in a month, as they stand in it."""
    held = [p for p in policies if p.in_force(month)]
    return [as_of(p, month, held) for p in held if p.subject == subject]


def ended(policies: Iterable[Policy], month: Month, subject: str = "elder") -> list[Policy]:
    """The last lives of policies that were law before a month and are not in it."""
    mine = sorted((p for p in policies if p.subject == subject), key=lambda p: p.valid_from)
    last = {p.code: p for p in mine if p.valid_from <= month.first_day}
    return [as_of(policy, month, mine) for policy in last.values() if not policy.in_force(month)]


def life(policies: Iterable[Policy], code: str, month: Month) -> Policy | None:
    """The life of a policy that is law in a month, else another one, which gives nothing then;
    None when nobody knows the policy: a file that is missing or set aside ends nothing.
    """
    among = list(policies)
    lives = [policy for policy in among if policy.code == code]
    held = next((p for p in lives if p.in_force(month)), None)
    return as_of(held, month, among) if held else lives[-1] if lives else None
