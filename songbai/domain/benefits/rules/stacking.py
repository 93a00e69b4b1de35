"""How benefits of one group stand together.

Groups are settled one after the other: first the exclusive, then the higher-of, then those after
deduction, then the capped (within a rule by name); additive groups change nothing. Each
sees what the earlier left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from .decision import StackingNote
from .facts import Sheet, yuan
from .groups import Stacking, StackingRule
from .months import Month
from .policy import Policy

ORDER = list(StackingRule)
#: By how often a year money is paid.
RHYTHM_WORDS = {12: "每月", 4: "每季度", 1: "每年"}


@dataclass
class Standing:
    """How a policy stands: masks of what failed and what is unknown, and fen so far."""

    policy: Policy
    failed: int
    unknown: int
    amount: int | None
    worth: int | None
    """Fen a year, by which money of several rhythms is compared: a month's twelve times, what is
    paid in some months as often as it is paid.
    """
    lapsed: int = 0
    """Fen a year more that it would be worth, did it come to be paid in its paying month."""
    why: str = ""
    """Why it does not."""
    coming: int = 0
    """Fen that its next paying month pays, of money that is not paid every month."""
    missing: list[str] = field(default_factory=list)

    @property
    def yes(self) -> bool:
        """Every criterion holds and the amount is known."""
        return not self.failed and not self.unknown

    @property
    def open(self) -> bool:
        """It cannot be decided."""
        return not self.failed and bool(self.unknown)


@dataclass(frozen=True)
class Outside:
    """Money in a group that another office pays; fen a year, None when unknown."""

    key: str
    name: str
    worth: int | None


def instead_words(name: str, why: str) -> str:
    """Why something is paid that another benefit stood before."""
    return f"{name}要到发放的月份才发，{why}，所以发这一项"


def _higher(other: Standing, than: Standing) -> str:
    if than.lapsed and than.worth is not None and than.worth + than.lapsed >= (other.worth or 0):
        return f"这一项要到发放的月份才发，{than.why}，发{other.policy.name}"
    return f"{other.policy.name}更高，已按高的发"


def groups_of(policies: Iterable[Policy]) -> list[tuple[str, StackingRule]]:
    """The groups of some policies in the order they are settled."""
    found = {(g.group, g.rule) for policy in policies for g in policy.stacking}
    return sorted(found, key=lambda group: (ORDER.index(group[1]), group[0]))


def members_of(group: str, policies: Iterable[Policy]) -> list[tuple[Policy, Stacking]]:
    """The members of a group, first come first."""
    found = [(p, g) for p in policies for g in p.stacking if g.group == group]
    return sorted(found, key=lambda pair: (pair[1].order, pair[0].code))


def resolve(
    standings: Sequence[Standing], sheet: Sheet, month: Month
) -> dict[str, list[StackingNote]]:
    """Settle all groups; changes the standings, returns what each group did by policy code."""
    notes: dict[str, list[StackingNote]] = {}
    by_code = {standing.policy.code: standing for standing in standings}
    policies = [standing.policy for standing in standings]
    for group, rule in groups_of(policies):
        members = [(by_code[p.code], g) for p, g in members_of(group, policies)]
        settled = _Group(members, sheet, month)
        for standing, stacking in members:
            note = getattr(settled, rule)(standing, stacking)
            notes.setdefault(standing.policy.code, []).append(note)
    return notes


class _Group:
    """One group; the members in order, with what each stood at before the group."""

    def __init__(
        self, members: list[tuple[Standing, Stacking]], sheet: Sheet, month: Month
    ) -> None:
        self.members, self.sheet, self.month = members, sheet, month
        self.before = {id(s): (s.yes, s.open, s.worth, s.lapsed) for s, _ in members}

    def outside(self, standing: Standing, rule: Stacking) -> list[Outside]:
        found = []
        for kind in rule.outside:
            day = standing.policy.day_of(kind.key)
            value = self.sheet.read(kind, day, self.month).value
            worth = value * 12 if isinstance(value, int) else None
            found.append(Outside(kind.key, kind.name, worth))
        return found

    def earlier(self, standing: Standing) -> list[Standing]:
        found = []
        for other, _ in self.members:
            if other is standing:
                break
            found.append(other)
        return found

    def exclusive(self, standing: Standing, rule: Stacking) -> StackingNote:
        """Only one of them: who comes first, money from outside before all."""
        outside, earlier = self.outside(standing, rule), self.earlier(standing)
        holder = [o.name for o in outside if o.worth]
        holder += [other.policy.name for other in earlier if other.yes and other.worth]
        if holder:
            return self.yields(standing, rule, f"已享受{holder[0]}")
        note = self.doubt(
            standing, rule, [o for o in outside if o.worth is None], [o for o in earlier if o.open]
        )
        return self.instead(note, [other for other in earlier if other.yes and other.lapsed])

    def higher_of(self, standing: Standing, rule: Stacking) -> StackingNote:
        """Only the highest; of two alike the one from outside, then who comes first."""
        was_yes, _, worth, _ = self.before[id(standing)]
        outside = self.outside(standing, rule)
        open_: list[Standing] = []
        gone: list[Standing] = []
        first = True
        for other, _ in self.members:
            if other is standing:
                first = False
                continue
            yes, unsettled, theirs, lapsed = self.before[id(other)]
            if yes and was_yes and theirs is not None and worth is not None:
                if theirs and (theirs > worth or (theirs == worth and first)):
                    return self.yields(standing, rule, _higher(other, standing))
                if lapsed and theirs + lapsed >= worth + (not first):
                    gone.append(other)
            elif unsettled:
                open_.append(other)
        for benefit in outside:
            if was_yes and worth is not None and benefit.worth and benefit.worth >= worth:
                return self.yields(standing, rule, f"已享受{benefit.name}，不低于这一项")
        note = self.doubt(standing, rule, [o for o in outside if o.worth is None], open_)
        return self.instead(note, gone)

    def instead(self, note: StackingNote, gone: list[Standing]) -> StackingNote:
        """Said of what is paid because what stood before it never comes to be paid."""
        if note.result != "kept" or not gone:
            return note
        says = f"{note.rule.says}：{instead_words(gone[0].policy.name, gone[0].why)}"
        return replace(note, result="instead", says=says)

    def after_deduction(self, standing: Standing, rule: Stacking) -> StackingNote:
        """What is left after money from outside and of those who come first."""
        return self.less(standing, rule, 0)

    def capped(self, standing: Standing, rule: Stacking) -> StackingNote:
        """Those who come first take of what all may come to."""
        return self.less(standing, rule, rule.most * 12 - (standing.worth or 0))

    def less(self, standing: Standing, rule: Stacking, free: int) -> StackingNote:
        """Reduced by what others take, but for what is ``free``, fen a year."""
        outside, earlier = self.outside(standing, rule), self.earlier(standing)
        note = self.doubt(
            standing, rule, [o for o in outside if o.worth is None], [o for o in earlier if o.open]
        )
        worth = standing.worth
        if note.result == "unknown" or not standing.yes or worth is None:
            return note
        others = sum(o.worth or 0 for o in outside)
        others += sum(other.worth or 0 for other in earlier if other.yes)
        taken, times = max(0, others - free), standing.policy.times_a_year
        why = f"扣除其他待遇 {yuan(others // times)} 后"
        if rule.rule is StackingRule.CAPPED:
            why = f"几项合计{RHYTHM_WORDS[times]}最多 {yuan(rule.most * 12 // times)}，"
            why += f"其他的已有 {yuan(others // times)}，" if others else ""
        if taken and taken >= worth:
            return self.yields(standing, rule, f"{why}没有余额")
        standing.amount = max(0, (standing.amount or 0) - taken // times)
        standing.coming = max(0, standing.coming - taken // times)
        standing.worth = worth - taken // times * times
        says = f"{why}发 {yuan(standing.worth // times)}"
        return StackingNote(rule, "reduced", says) if taken else note

    def additive(self, standing: Standing, rule: Stacking) -> StackingNote:
        """Each is paid beside the others."""
        return StackingNote(rule, "kept", rule.says)

    def yields(self, standing: Standing, rule: Stacking, why: str) -> StackingNote:
        """Nothing of it is paid: another stands before it."""
        if standing.failed:
            return StackingNote(rule, "kept", rule.says)
        standing.failed |= standing.policy.bits["stacking"]
        standing.amount = standing.worth = standing.lapsed = standing.coming = 0
        return StackingNote(rule, "yielded", f"{rule.says}：{why}")

    def doubt(
        self, standing: Standing, rule: Stacking, unknown: list[Outside], others: list[Standing]
    ) -> StackingNote:
        """It stands, unless something that could stand before it is unknown."""
        if standing.failed or not (unknown or others):
            return StackingNote(rule, "kept", rule.says)
        standing.unknown |= standing.policy.bits["stacking"]
        standing.missing += [benefit.key for benefit in unknown]
        for other in others:
            standing.missing += other.missing or ["amount"]
        names = [o.name for o in unknown] + [o.policy.name for o in others]
        return StackingNote(rule, "unknown", f"{rule.says}：还不知道{'、'.join(names)}")
