"""The same policies as OpenFisca variables: one for each criterion, one for each amount.

Written as an OpenFisca country package would: ages are variables, computed once for each day on
which a policy looks at them. Codes are plain integers instead of enumerations, which spares
OpenFisca their decoding; divisions have 9 digits (an OpenFisca integer has 32 bits). Stacking
compares with money from outside.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from songbai.domain.benefits.population.expression import number
from songbai.domain.benefits.population.snapshot import column_of, columns_for
from songbai.domain.benefits.rules.evaluate import SIGNS
from songbai.domain.benefits.rules.groups import StackingRule
from songbai.domain.benefits.rules.language.tree import (
    And,
    Compare,
    DayOf,
    Expression,
    Fact,
    Granted,
    Holds,
    Not,
    OneOf,
    Or,
    Within,
)
from songbai.domain.benefits.rules.months import Day, Month
from songbai.domain.benefits.rules.policy import Component, Policy, Unit

#: A numpy array of the people; OpenFisca has no types to check.
Array = Any
Read = Callable[[str], Array]
TYPES = {"boolean": bool, "date": date, "int8": int, "int32": int, "int64": int}


class Side:
    """A simulation with the people loaded."""

    def __init__(self, people: pa.Table, policies: Sequence[Policy], month: Month) -> None:
        began = time.perf_counter()
        self.policies, self.period = policies, month.text
        person = build_entity("person", "people", "A person", is_person=True)
        system = TaxBenefitSystem([person])
        columns = columns_for(policies)
        for column in columns:
            system.add_variable(_variable(column.name, TYPES[column.type], person))
        self.computed = [_age(day) for day in Day]
        for day in Day:
            system.add_variable(_variable(_age(day), int, person, _ages_on(month.day(day))))
        for policy in policies:
            for name, kind, formula in _formulas(policy, month):
                system.add_variable(_variable(name, kind, person, formula))
                self.computed.append(name)
        self.simulation = SimulationBuilder().build_default_simulation(system, len(people))
        for column in columns:
            values = people[column.name].combine_chunks()
            array = values.fill_null(False) if column.type == "boolean" else values
            given = array.to_numpy(zero_copy_only=False)
            if column.fact is not None and column.fact.kind == "region":
                given = (given // 1000).astype(np.int32)
            self.simulation.set_input(column.name, self.period, given)
        self.build_seconds = time.perf_counter() - began

    def compute(self) -> None:
        """Every criterion and amount anew."""
        for name in self.computed:
            self.simulation.delete_arrays(name, self.period)
        for policy in self.policies:
            self.simulation.calculate(_name(policy, "amount"), self.period)

    def amount(self, policy: Policy) -> Array:
        """Yuan, float32, shape (people,)."""
        found: Array = self.simulation.calculate(_name(policy, "amount"), self.period)
        return found


def _name(policy: Policy, what: str) -> str:
    return f"{policy.code.replace('-', '_')}_{what}"


def _variable(
    name: str, kind: type, entity_: Any, formula_: Callable[..., Any] | None = None
) -> type[Variable]:
    attributes: dict[str, Any] = {
        "value_type": kind,
        "entity": entity_,
        "definition_period": DateUnit.MONTH,
        "label": name,
    }
    if formula_ is not None:
        attributes["formula"] = formula_
    return type(name, (Variable,), attributes)


def _formulas(policy: Policy, month: Month) -> Iterator[tuple[str, type, Callable[..., Any]]]:
    names = []
    for criterion in policy.criteria:
        name = _name(policy, f"criterion_{criterion.id}")
        names.append(name)
        yield name, bool, _criterion(criterion.when, month)
    yield _name(policy, "amount"), float, _amount(policy, month, names)


def _criterion(when: Expression, month: Month) -> Callable[..., Any]:
    def formula(person: Any, period: Any) -> Array:
        return _truth(when, lambda name: person(name, period), month)

    return formula


def _amount(policy: Policy, month: Month, names: list[str]) -> Callable[..., Any]:
    def formula(person: Any, period: Any) -> Array:
        def read(name: str) -> Array:
            found: Array = person(name, period)
            return found

        entitled = read(names[0])
        for name in names[1:]:
            entitled = entitled * read(name)
        fen = sum((_fen(policy, part, read, month) for part in policy.amounts), np.float64(0))
        if policy.cap is not None:
            fen = np.minimum(fen, policy.cap)
        for group in policy.stacking:
            for kind in group.outside:
                if group.rule is StackingRule.HIGHER_OF:
                    entitled = entitled * (read(_column(policy, kind)) < fen)
        return entitled * fen / 100

    return formula


def _fen(policy: Policy, part: Component, read: Read, month: Month) -> Any:
    if part.months_until(month):
        return 0
    conditions = [_truth(row.when, read, month) for row in part.rows if row.when is not None]
    values = [row.amount for row in part.rows]
    rate = np.select(conditions, values[: len(conditions)], 0) if conditions else values[0]
    if conditions and part.rows[-1].when is None:
        rate = np.select(conditions, values[: len(conditions)], values[-1])
    if part.unit is Unit.PERCENT:
        assert part.percent_of is not None
        base = read(_column(policy, part.percent_of))
        for kind in part.less:
            base = base - read(_column(policy, kind))
        return np.floor(np.maximum(base, 0) * (rate / 10_000))
    return rate if part.times is None else rate * read(_column(policy, part.times))


def _column(policy: Policy, kind: Any) -> str:
    return column_of(Fact(kind, policy.day_of(kind.key)))


def _truth(expression: Expression, read: Read, month: Month) -> Array:
    if isinstance(expression, Not):
        return np.logical_not(_truth(expression.item, read, month))
    if isinstance(expression, And | Or):
        join = np.logical_and if isinstance(expression, And) else np.logical_or
        found = _truth(expression.items[0], read, month)
        for item in expression.items[1:]:
            found = join(found, _truth(item, read, month))
        return found
    assert not isinstance(expression, Granted)  # policies of a month name no other
    if expression.fact.key in {"age", "turns"}:
        return _aged(expression, read)
    values = read(column_of(expression.fact))
    if isinstance(expression, Holds):
        if expression.fact.key == "alive":
            return np.logical_not(values < np.datetime64(month.day(expression.fact.day)))
        return values
    if isinstance(expression, Within):
        parts = [
            (values >= int(prefix.ljust(9, "0"))) & (values <= int(prefix.ljust(9, "9")))
            for prefix in expression.prefixes
        ]
        return np.logical_or.reduce(parts)
    if isinstance(expression, OneOf):
        parts = [values == number(expression.fact, value) for value in expression.values]
        return np.logical_or.reduce(parts)
    return _compared(expression, values, month)


def _age(day: Day) -> str:
    return f"age_on_{day}"


def _ages_on(day: date) -> Callable[..., Any]:
    def formula(person: Any, period: Any) -> Array:
        birth = person("birth_date", period)
        years = birth.astype("datetime64[Y]")
        months = birth.astype("datetime64[M]")
        month_of_birth = (months - years).astype(int) + 1
        day_of_birth = (birth - months).astype(int) + 1
        coming = (month_of_birth > day.month) | (
            (month_of_birth == day.month) & (day_of_birth > day.day)
        )
        return day.year - (years.astype(int) + 1970) - coming

    return formula


def _aged(atom: Any, read: Read) -> Array:
    wanted = atom.values if isinstance(atom, OneOf) else (atom.right,)
    if atom.fact.key == "turns":
        now, before = read(_age(Day.LAST_DAY)), read(_age(Day.DAY_BEFORE))
        turned = np.logical_or.reduce([(now == age) & (before < age) for age in wanted])
        return np.logical_not(turned) if getattr(atom, "sign", "==") == "!=" else turned
    ages = read(_age(atom.fact.day))
    if isinstance(atom, OneOf):
        return np.logical_or.reduce([ages == age for age in wanted])
    compared: Array = SIGNS[atom.sign](ages, wanted[0])
    return compared


def _compared(atom: Compare, values: Array, month: Month) -> Array:
    if isinstance(atom.right, DayOf):
        compared: Array = SIGNS[atom.sign](values, np.datetime64(atom.right.on(month)))
        return compared
    assert not isinstance(atom.right, Fact)
    constant = number(atom.fact, atom.right)
    result: Array = SIGNS[atom.sign](values, constant)
    return result
