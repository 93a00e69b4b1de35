"""Reading a policy file: everything is checked, nothing is guessed."""

import re
from dataclasses import replace
from datetime import date, timedelta

from . import cases as case_files
from .amounts import AmountReader
from .facts import SUBJECTS, Kind, Value
from .fields import ID
from .figures import Figures, Follow, follow_of
from .groups import Stacking, StackingRule
from .language.parser import REGION, Fen, Names, fen_of
from .language.tree import Within, atoms
from .located import Located, Mapped, nearest, read_yaml
from .months import Day
from .policy import SPENT, Channel, Criterion, Lapse, Phase, Policy, Reference, Unit
from .vocabulary import Facts, house_facts

FORMAT = "songbai-policy/1"
CASES_FORMAT = "songbai-cases/1"
NEEDED = {
    "format", "code", "name", "subject", "region", "valid_from", "reference", "verified",
    "pay", "dates", "criteria", "amounts", "notices", "cases",
}  # fmt: skip
ALLOWED = {
    "valid_to", "proactive", "parameters", "cap", "stacking", "note", "backwards", "after_death",
    "followed",
}  # fmt: skip
CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
#: Words a notice may be filled with.
BLANKS = {"name", "policy", "amount", "month", "reason", "phone", "pay_day"}
#: More criteria than this do not fit the mask.
MOST_CRITERIA = 40


def parse_policy(
    source: str, file: str, known: Facts | None = None, figures: Figures | None = None
) -> Policy:
    """The policy written in a text. Raises WrongFile with every problem found."""
    return _PolicyReader(source, file, known or house_facts(), figures or {}).read()


class _PolicyReader(AmountReader):
    """One pass over one file."""

    def __init__(self, source: str, file: str, known: Facts, figures: Figures) -> None:
        super().__init__(file)
        self.source, self.known, self.figures = source, known, figures
        self.follows: list[Follow] = []
        self.top = read_yaml(source, file)

    def read(self) -> Policy:
        top = self.top
        if self.choice(top, "format", (FORMAT,)) != FORMAT or self.problems:
            self.finish()
        self.check_keys(top, NEEDED, ALLOWED)
        self.finish()
        self.subject = self.choice(top, "subject", tuple(SUBJECTS))
        self.facts = self.known[self.subject]
        self.code = self.pattern(
            top, "code", CODE, "小写字母、数字和短横，如 city-district-benefit"
        )
        regions, region_by = self.region(top.items["region"])
        dates = self.mapping(top.items["dates"], "dates")
        days = self.days(dates)
        first, last = self.life(top)
        parameters = self.parameters(top.items.get("parameters"), first)
        self.names = Names(
            self.facts, regions, lambda key: days.get(key, days["facts"]), parameters
        )
        pay = self.mapping(top.items["pay"], "pay")
        self.check_keys(pay, {"channel"}, {"day", "lapses"})
        channel = Channel(self.choice(pay, "channel", tuple(Channel)))
        if (channel in SPENT) != ("lapses" in pay.items):
            self.wrong(pay, "channel 是 credit 或 voucher 时要写 lapses，其他不写。")
        criteria = self.criteria(region_by)
        amounts = self.amounts()
        cap = self.money(top, "cap") if "cap" in top.items else None
        if cap is None and any(c.unit is Unit.PERCENT for c in amounts):
            self.wrong(top.items["amounts"], "有按比例的金额，要写 cap（每月最多多少元）。")
        policy = Policy(
            code=self.code,
            name=self.text(top, "name"),
            subject=self.subject,
            regions=regions,
            region_by=region_by,
            valid_from=first,
            valid_to=last,
            followed=self.flag(top, "followed"),
            reference=self.reference(self.mapping(top.items["reference"], "reference")),
            verified=self.flag(top, "verified"),
            proactive=self.flag(top, "proactive", default=True),
            pays_dead=bool(self.choice(top, "after_death", ("paid",), "")),
            pay=channel,
            pay_day=self.whole(pay, "day", 1, 31) if "day" in pay.items else 0,
            lapses=Lapse(self.choice(pay, "lapses", tuple(Lapse), "never")),
            raised_back=self.backwards("raised", ("pay", "keep")),
            lowered_back=self.backwards("lowered", ("recover", "keep")),
            days=days,
            days_verified=self.flag(dates, "verified"),
            parameters=parameters,
            follows=tuple(self.follows),
            criteria=criteria,
            amounts=amounts,
            cap=cap,
            stacking=self.stacking(top.items.get("stacking")),
            notices=self.notices(self.mapping(top.items["notices"], "notices")),
            note=self.text(top, "note"),
            cases=(),
            file=self.file,
            text=self.source,
            vocabulary=self.facts,
        )
        self.finish()
        cases = case_files.cases_of(self, policy, self.list_of(top.items["cases"], "cases"))
        self.finish()
        return replace(policy, cases=tuple(cases))

    def region(self, node: Located) -> tuple[tuple[str, ...], str]:
        """``region: {codes: ["500151"], by: hukou}``."""
        parent = self.mapping(node, "region")
        self.check_keys(parent, {"codes", "by"}, set())
        codes = []
        for item in self.list_of(parent.items.get("codes"), "codes"):
            word = self.word(item, "codes")
            if not REGION.fullmatch(word.text):
                self.wrong(word, "地区编码是 2、4、6、9 或 12 位数字。")
            codes.append(word.text)
        if not codes and parent.items.get("codes"):
            self.wrong(parent, "codes 至少要有一个地区编码。")
        by = [key for key, kind in self.facts.items() if kind.kind is Kind.REGION]
        return tuple(codes), self.choice(parent, "by", (*by, "none"))

    def backwards(self, key: str, words: tuple[str, str]) -> bool:
        """``backwards: {raised: pay, lowered: keep}``: the first word, also when it is left out."""
        node = self.mapping(self.top.items.get("backwards"), "backwards")
        self.check_keys(node, set(), {"raised", "lowered"})
        return self.choice(node, key, words, words[0]) == words[0]

    def days(self, node: Mapped) -> dict[str, Day]:
        """``dates: {facts: last_day, hukou: first_day}``."""
        self.check_keys(node, {"facts", "verified"}, set(self.facts))
        words = tuple(Day)
        keys = [key for key in node.items if key != "verified"]
        found = {key: Day(self.choice(node, key, words)) for key in keys}
        found.setdefault("facts", Day.LAST_DAY)
        for key in keys:
            if key in self.facts and self.facts[key].fixed:
                self.wrong(node.keys[key], f"{key} 哪天都一样，不用写。")
        return found

    def life(self, top: Mapped) -> tuple[date, date | None]:
        """The first and last day."""
        first, last = self.day(top, "valid_from"), self.day(top, "valid_to")
        if first and first.day != 1:
            self.wrong(top.items["valid_from"], "政策按月执行，valid_from 要写某月 1 日。")
        if last and (last + timedelta(days=1)).day != 1:
            self.wrong(top.items["valid_to"], "政策按月执行，valid_to 要写某月最后一天。")
        if first and last and last < first:
            self.wrong(top.items["valid_to"], "valid_to 不能早于 valid_from。")
        return first or date.min, last

    def reference(self, node: Mapped) -> Reference:
        """The document, its number, clause and link."""
        self.check_keys(node, {"document", "clause"}, {"number", "link"})
        link = self.text(node, "link")
        if link and not re.fullmatch(r"https?://\S+", link):
            self.wrong(node.items["link"], "link 要写网址，以 http 开头。")
        return Reference(
            self.text(node, "document"), self.text(node, "number"), self.text(node, "clause"), link
        )

    def parameters(self, node: Located | None, first: date) -> dict[str, Value]:
        """Named constants: a whole number, money, a date, or so many times a dated figure."""
        found: dict[str, Value] = {}
        for key, item in self.mapping(node, "parameters").items.items():
            word = self.word(item, key)
            if not ID.fullmatch(key) or key in self.facts:
                self.wrong(word, f"{key} 不能作参数名：用小写字母和下划线，不和情况重名。")
            if re.fullmatch(r"\d{1,9}", word.text, re.ASCII):
                found[key] = int(word.text)
            elif re.fullmatch(r"\d{4}-\d{2}-\d{2}", word.text, re.ASCII):
                found[key] = self.day(self.mapping(node, "parameters"), key)
            elif follow := follow_of(word, self.figures):
                self.follows.append(follow)
                fen = follow.on(first)
                if fen is None:
                    self.wrong(
                        word, f"{follow.figure} 从 valid_from 起还没有数，请检查 figures.yaml。"
                    )
                found[key] = Fen(fen or 0)
            else:
                try:
                    found[key] = Fen(fen_of(word.text))
                except ValueError:
                    hint = "，或 figures.yaml 里的数，如 1.5 × dibao_urban"
                    self.wrong(word, f"参数 {key} 要写整数、金额（10元）、日期{hint}。")
        return found

    def criteria(self, region_by: str) -> tuple[Criterion, ...]:
        """All criteria; one of them must hold the region when the policy says it matters."""
        found: list[Criterion] = []
        nodes = self.list_of(self.top.items["criteria"], "criteria")
        for node in nodes:
            parent = self.mapping(node, "criteria")
            if not self.check_keys(parent, {"id", "when", "if_yes", "if_no", "clause"}, {"phase"}):
                continue
            word = self.word(parent.items["when"], "when")
            when = self.expression(word)
            if when is None:
                continue
            found.append(
                Criterion(
                    id=self.pattern(parent, "id", ID, "小写字母、数字和下划线"),
                    when=when,
                    source=" ".join(word.text.split()),
                    phase=Phase(self.choice(parent, "phase", tuple(Phase), "both")),
                    if_yes=self.text(parent, "if_yes"),
                    if_no=self.text(parent, "if_no"),
                    clause=self.text(parent, "clause"),
                )
            )
        at = self.top.items["criteria"]
        self.unique(at, [c.id for c in found] + ["amount", "stacking"])
        if not nodes:
            self.wrong(at, "至少要有一条条件。")
        if len(found) > MOST_CRITERIA:
            self.wrong(at, f"最多 {MOST_CRITERIA} 条条件，现在有 {len(found)} 条。")
        bound = {a.fact.key for c in found for a in atoms(c.when) if isinstance(a, Within)}
        if not self.problems and region_by != "none" and region_by not in bound:
            self.wrong(at, f"region 写了 by: {region_by}，却没有一条条件写 {region_by} in region。")
        return tuple(found)

    def stacking(self, node: Located | None) -> tuple[Stacking, ...]:
        """The groups the policy belongs to."""
        found = []
        for item in self.list_of(node, "stacking"):
            parent = self.mapping(item, "stacking")
            if not self.check_keys(
                parent,
                {"group", "rule", "order", "clause", "says", "verified"},
                {"outside", "most"},
            ):
                continue
            rule = StackingRule(self.choice(parent, "rule", tuple(StackingRule)))
            if (rule is StackingRule.CAPPED) != ("most" in parent.items):
                self.wrong(parent, "rule 是 capped 时要写 most（合起来每月最多多少元），其他不写。")
            outside = [
                self.fact(fact, "outside", {Kind.FEN})
                for fact in self.list_of(parent.items.get("outside"), "outside")
            ]
            found.append(
                Stacking(
                    group=self.pattern(parent, "group", CODE, "小写字母、数字和短横"),
                    rule=rule,
                    order=self.whole(parent, "order", 1, 99),
                    outside=tuple(kind for kind in outside if kind),
                    clause=self.text(parent, "clause"),
                    says=self.text(parent, "says"),
                    verified=self.flag(parent, "verified"),
                    most=self.money(parent, "most") if "most" in parent.items else 0,
                )
            )
        if node:
            self.unique(node, [group.group for group in found])
        return tuple(found)

    def notices(self, node: Mapped) -> dict[str, str]:
        """What the person is told: granted, refused, stopped."""
        self.check_keys(node, {"granted", "refused", "stopped"}, set())
        for key, item in node.items.items():
            for blank in re.findall(
                r"[{}]|\{[^{}]*\}", re.sub(r"\{(\w+)\}", r"\1§", self.text(node, key))
            ):
                self.wrong(item, f"{key} 里的花括号不成对：{blank}")
            for blank in re.findall(r"\{(\w+)\}", self.text(node, key)):
                if blank not in BLANKS:
                    self.wrong(item, f"{key} 里没有 {{{blank}}}。{nearest(blank, sorted(BLANKS))}")
        return {key: self.text(node, key) for key in node.items}
