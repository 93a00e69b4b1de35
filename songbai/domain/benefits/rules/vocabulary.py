"""The facts policies may ask for: the program's ``policies/facts.yaml``, with those of one's own.

A folder of policies may hold a ``facts.yaml`` that adds facts, or says of one what it is there.
``SONGBAI_POLICIES`` names the folders of an installation.
"""

import os
import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path

from songbai.domain.elders.rules.ages import ages
from songbai.domain.elders.rules.kinds import ValueType, WrongCatalogue, kinds

from .facts import BIRTH, DEATH, MOST_FEN, NEVER, SUBJECTS, FactKind, Kind, Value
from .language.tokens import KEYWORDS
from .located import Located, Mapped, Problem, Reader, WrongFile, nearest, read_yaml

POLICIES = Path(__file__).resolve().parents[4] / "policies"
FORMAT = "songbai-facts/1"
#: By subject, by name.
Facts = Mapping[str, Mapping[str, FactKind]]
_KEY = re.compile(r"[a-z][a-z0-9_]{0,40}")
_MAY = {"fixed", "low", "high", "codes", "missing", "says"}
_MAY |= {"register", "part", "within", "otherwise", "without"}
#: What a division's "since" may ask to have stayed the same, in digits of its code.
WITHIN = {"province": 2, "city": 4, "district": 6, "town": 9}
#: What of the register can be read as a kind of fact.
_READ_AS = {
    Kind.BOOL: {ValueType.BOOL},
    Kind.WHOLE: {ValueType.WHOLE, ValueType.CODE},
    Kind.FEN: {ValueType.FEN},
    Kind.DATE: {ValueType.DATE},
    Kind.EVENT: {ValueType.DATE},
    Kind.CODE: {ValueType.CODE},
    Kind.REGION: {ValueType.REGION},
}
_PLAIN = {"true": True, "false": False}


def folders() -> tuple[Path, ...]:
    """Where the law of this installation lies: the program's folder, then its own ones."""
    own = os.environ.get("SONGBAI_POLICIES", "").split(os.pathsep)
    return (POLICIES, *(Path(name) for name in own if name))


def vocabulary(subject: str) -> Mapping[str, FactKind]:
    """The facts of a subject by name, those derived among them.

    Raises KeyError for a subject nobody declared.
    """
    return house_facts()[subject]


def house_facts() -> Facts:
    """The facts of this installation; a list that is wrong is left out."""
    own = [file for folder in folders()[1:] if (file := folder / "facts.yaml").is_file()]
    return _overlaid(tuple((file, file.stat().st_mtime_ns) for file in own))


@lru_cache(maxsize=4)
def _overlaid(own: tuple[tuple[Path, int], ...]) -> Facts:
    return overlaid((file for file, _ in own), shipped_facts())[0]


@cache
def shipped_facts() -> Facts:
    """The facts that come with the program. Raises WrongFile."""
    return read_facts_list(POLICIES / "facts.yaml", {subject: {} for subject in SUBJECTS})


def read_facts_list(path: Path, base: Facts) -> Facts:
    """The facts of a file over those of another list; ages and being alive are worked out anew.

    Raises WrongFile with every problem found, OSError.
    """
    reader = _FactsReader(str(path))
    top = read_yaml(path.read_text("utf-8"), str(path))
    reader.choice(top, "format", (FORMAT,))
    reader.check_keys(top, {"format"}, set(SUBJECTS))
    found = {subject: {**base[subject]} for subject in SUBJECTS}
    for subject in SUBJECTS.keys() & top.items.keys():
        said = reader.facts(top.items[subject], subject)
        reader.keep(top.items[subject], base[subject], said)
        found[subject] |= said
    reader.finish()
    return {**found, "elder": _derived(found["elder"])}


def _derived(given: Mapping[str, FactKind]) -> Mapping[str, FactKind]:
    birth, death, oldest = given[BIRTH], given[DEATH], ages().oldest
    derived = (
        FactKind("age", "年龄", Kind.WHOLE, high=oldest, bases=(birth, death)),
        FactKind("turns", "当月满的岁数", Kind.WHOLE, low=1, high=oldest, bases=(birth, death)),
        FactKind("alive", "健在", Kind.BOOL, bases=(death,)),
    )
    return {**given, **{kind.key: kind for kind in derived}}


class _FactsReader(Reader):
    """One pass over a list of facts."""

    def facts(self, node: Located, subject: str) -> dict[str, FactKind]:
        """The facts of a subject."""
        parent = self.mapping(node, subject)
        found = {}
        for key, item in parent.items.items():
            if not _KEY.fullmatch(key) or key in KEYWORDS or key in {"age", "turns", "alive"}:
                self.wrong(parent.keys[key], f"{key} 不能作情况的名称：用小写字母、数字和下划线。")
            one = self.mapping(item, key)
            if self.check_keys(one, {"name", "kind"}, _MAY):
                found[key] = self.fact(key, one, subject)
        return found

    def keep(
        self, node: Located, before: Mapping[str, FactKind], said: Mapping[str, FactKind]
    ) -> None:
        """What a fact is stays as it was: the law that asks for it was written for that."""
        parent = self.mapping(node, "")
        for key in before.keys() & said.keys():
            was, now = before[key], said[key]
            if was.kind is not now.kind or not was.codes.items() <= now.codes.items():
                text = f"{key} 已经有了（{was.name}），kind 和已有的代码不能改。"
                self.wrong(parent.keys[key], f"{text}要别的，请另起一个名称。")

    def fact(self, key: str, node: Mapped, subject: str) -> FactKind:
        """One fact."""
        kind = Kind(self.choice(node, "kind", tuple(Kind)))
        codes, words = self.codes(node, kind)
        if (kind is Kind.WHOLE) != ({"low", "high"} <= node.items.keys()):
            self.wrong(node, "kind 是 whole 时要写 low 和 high，其他不写。")
        low, high = (self.whole(node, key, 0, 10**9 - 1) for key in ("low", "high"))
        if "high" in node.items and high < low:
            self.wrong(node.items["high"], "high 不能小于 low。")
        return FactKind(
            key,
            self.text(node, "name"),
            kind,
            self.flag(node, "fixed"),
            low,
            MOST_FEN if kind is Kind.FEN else high,
            codes,
            words,
            NEVER if kind is Kind.EVENT else self.value(node, "missing", kind),
            self.text(node, "says"),
            register=self.register(node, kind) if subject == "elder" else "",
            part=self.choice(node, "part", ("observed", "since")),
            within=self.within(node),
            otherwise=self.choice(node, "otherwise", ("region",)),
            without=self.value(node, "without", kind),
        )

    def codes(self, node: Mapped, kind: Kind) -> tuple[dict[str, int], dict[str, str]]:
        """Codes with their numbers in a snapshot, and their words."""
        numbers: dict[str, int] = {}
        words: dict[str, str] = {}
        parent = self.mapping(node.items.get("codes"), "codes")
        if (kind is Kind.CODE) != bool(parent.items):
            self.wrong(node, "kind 是 code 时要写 codes，其他不写。")
        for code, item in parent.items.items():
            pair = [self.word(part, code).text for part in self.list_of(item, code)]
            if len(pair) != 2 or not re.fullmatch(r"\d{1,2}|1[01]\d|12[0-7]", pair[0], re.ASCII):
                self.wrong(item, f"{code} 要写 [0 到 127 的数, 名称]。")
                continue
            if int(pair[0]) in numbers.values():
                self.wrong(item, f"{pair[0]} 用了两次，每个代码一个数。")
            numbers[code], words[code] = int(pair[0]), pair[1]
        return numbers, words

    def value(self, node: Mapped, key: str, kind: Kind) -> Value:
        """What a missing fact means, or who has no certificate: a yes or no, or a number."""
        if key not in node.items:
            return None
        text = self.text(node, key)
        fits = (
            text in _PLAIN
            if kind is Kind.BOOL
            else text.isascii() and text.isdecimal() and len(text) < 10
        )
        if not fits or kind not in {Kind.BOOL, Kind.WHOLE, Kind.FEN}:
            self.wrong(node.items[key], f"{key} 只能写 true、false 或整数（金额写分）。")
            return None
        return _PLAIN[text] if kind is Kind.BOOL else int(text)

    def within(self, node: Mapped) -> int:
        """How many digits of a division must have stayed the same."""
        level = self.choice(node, "within", tuple(WITHIN))
        if level and self.text(node, "part") != "since":
            self.wrong(node.items["within"], "within 只和 part: since 一起写。")
        return WITHIN[level] if level else 0

    def register(self, node: Mapped, kind: Kind) -> str:
        """The register's kind a fact is read from."""
        key = self.text(node, "register")
        if not key:
            return ""
        try:
            known = kinds()
        except WrongCatalogue as error:
            self.wrong(node.items["register"], f"catalogues/facts.yaml 不能用：{error}。")
            return ""
        if key not in known:
            hint = nearest(key, list(known))
            self.wrong(node.items["register"], f"catalogues/facts.yaml 里没有 {key}。{hint}")
        elif "part" not in node.items and known[key].type not in _READ_AS[kind]:
            self.wrong(
                node.items["register"],
                f"{key} 在登记里是 {known[key].type}，不能当 {kind} 读。",
            )
        return key


def overlaid(paths: Iterable[Path], base: Facts) -> tuple[Facts, list[Problem]]:
    """Lists of facts one over the other, with the problems of those that are left out."""
    problems: list[Problem] = []
    for path in paths:
        try:
            base = read_facts_list(path, base)
        except WrongFile as error:
            problems += error.problems
    return base, problems
