"""Reading the amounts of a policy file: components, their rows and their shares."""

import re

from .facts import DEATH, Kind
from .fields import ID, FieldReader
from .located import Listed, Located, Mapped
from .policy import TIMES_A_YEAR, ByDeath, Component, Part, Row, Unit

#: What a component of a unit must have, and of which units alone it may have something.
UNIT_NEEDS = {unit: {"paid_in"} for unit in TIMES_A_YEAR} | {
    Unit.DAY: {"times"}, Unit.PERCENT: {"percent_of"}, Unit.HOUR: {"price"},
}  # fmt: skip
ONLY_WITH: dict[str, tuple[Unit, ...]] = {
    "paid_in": tuple(TIMES_A_YEAR), "by_death": tuple(TIMES_A_YEAR), "price": (Unit.HOUR,),
    "percent_of": (Unit.PERCENT,), "less": (Unit.PERCENT,),
    "times": tuple(unit for unit in Unit if unit is not Unit.PERCENT),
}  # fmt: skip
#: In percent: nobody gets more than all of a bill of their own (an institution has a base).
MOST_OF_A_BILL = 100


class AmountReader(FieldReader):
    """Reads ``amounts`` of the file."""

    top: Mapped

    def amounts(self) -> tuple[Component, ...]:
        """The components of the amount."""
        at = self.top.items["amounts"]
        nodes = self.list_of(at, "amounts")
        if isinstance(at, Listed) and not nodes:
            self.wrong(at, "至少要有一项金额。")
        found = [self.component(self.mapping(node, "amounts")) for node in nodes]
        self.unique(at, [part.id for part in found if part])
        return tuple(part for part in found if part)

    def component(self, node: Mapped) -> Component | None:
        """One component with its rows."""
        needed, allowed = (
            {"id", "name", "unit", "rows"},
            {"otherwise", "paid_in", "by_death", "since", "price", "times", "percent_of", "less"},
        )
        if not self.check_keys(node, needed, allowed):
            return None
        unit = Unit(self.choice(node, "unit", tuple(Unit)))
        for key in UNIT_NEEDS.get(unit, set()) - node.items.keys():
            self.wrong(node, f"unit 是 {unit}，要写 {key}。")
        for key, units in ONLY_WITH.items():
            if key in node.items and unit not in units:
                self.wrong(node.keys[key], f"{key} 只在 unit 是 {'、'.join(units)} 时写。")
        by_death = ByDeath(self.choice(node, "by_death", tuple(ByDeath), "nothing"))
        if "since" in node.items and by_death is not ByDeath.PRO_RATA:
            self.wrong(node.keys["since"], "since 只在 by_death 是 pro_rata 时写。")
        if "by_death" in node.items and DEATH not in self.facts:
            self.wrong(node.keys["by_death"], "by_death 只对老人写。")
        if "otherwise" in node.items and self.text(node, "otherwise") != "0元":
            self.wrong(node.items["otherwise"], "otherwise 只能写 0元（都不符合时不发）。")
        price = self.money(node, "price") if "price" in node.items else 0
        rows = [
            self.row(self.mapping(item, "rows"), unit, price)
            for item in self.list_of(node.items["rows"], "rows")
        ]
        kept = tuple(row for row in rows if row)
        self.unique(node.items["rows"], [row.id for row in kept])
        if not rows:
            self.wrong(node.items["rows"], "至少要有一行金额。")
        for row, item in zip(kept[:-1], self.list_of(node.items["rows"], "rows"), strict=False):
            if row.when is None:
                self.wrong(item, "没有 when 的行只能放在最后，后面的行永远用不到。")
        numbers, money = {Kind.WHOLE}, {Kind.FEN}
        get = node.items.get
        return Component(
            id=self.pattern(node, "id", ID, "小写字母、数字和下划线"),
            name=self.text(node, "name"),
            unit=unit,
            rows=kept,
            gap_is_zero="otherwise" in node.items,
            paid_in=self.paid_in(node, unit) if "paid_in" in node.items else (),
            by_death=by_death,
            since=self.day(node, "since"),
            price=price,
            times=self.fact(times, "times", numbers) if (times := get("times")) else None,
            percent_of=self.fact(of, "percent_of", money) if (of := get("percent_of")) else None,
            less=tuple(
                kind
                for item in (self.list_of(get("less"), "less"))
                if (kind := self.fact(item, "less", money))
            ),
        )

    def paid_in(self, node: Mapped, unit: Unit) -> tuple[int, ...]:
        """``paid_in: 12``; of quarterly money the first month, ``paid_in: 3`` is March, June, …."""
        count = TIMES_A_YEAR.get(unit, 1)
        first = self.whole(node, "paid_in", 1, 12 // count)
        return tuple(first + 12 // count * place for place in range(count))

    def row(self, node: Mapped, unit: Unit, price: int) -> Row | None:
        """One row of a table."""
        value = {Unit.PERCENT: "percent", Unit.HOUR: "hours"}.get(unit, "amount")
        if not self.check_keys(
            node, {"id", "label", value, "verified"}, {"when", "clause", "parts"}
        ):
            return None
        word = self.word(node.items["when"], "when") if "when" in node.items else None
        when = self.expression(word) if word else None
        if word and when is None:
            return None
        if unit is Unit.HOUR:
            amount = self.whole(node, value, 1, 744) * price
        elif unit is Unit.PERCENT:
            amount = self.percent(node, value, MOST_OF_A_BILL if DEATH in self.facts else 200)
        else:
            amount = self.money(node, value)
        parts = self.parts(node.items.get("parts"), amount)
        return Row(
            id=self.pattern(node, "id", re.compile(r"[a-z0-9_]+"), "小写字母、数字和下划线"),
            label=self.text(node, "label"),
            when=when,
            source=" ".join(word.text.split()) if word else "",
            amount=amount,
            verified=self.flag(node, "verified"),
            clause=self.text(node, "clause"),
            parts=parts,
        )

    def parts(self, node: Located | None, whole: int) -> tuple[Part, ...]:
        """Shares of an amount; they add up to it."""
        parent = self.mapping(node, "parts")
        found = tuple(Part(name, self.money(parent, name)) for name in parent.items)
        if node and sum(part.amount for part in found) != whole:
            self.wrong(node, "parts 各项加起来要等于 amount。")
        return found
