"""Worked cases through both evaluators: one person in Python, all of them as one snapshot."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import ibis

from .population import column, decide_population, layered, snapshot_of
from .rules.cases import differences
from .rules.decision import names_of
from .rules.evaluate import decide_all
from .rules.library import Library, in_force
from .rules.policy import Case, Expected, Policy
from .rules.standing import as_of


@dataclass(frozen=True)
class Tried:
    """A case and what came out otherwise."""

    file: str
    case: Case
    wrong: tuple[str, ...]


def tried(library: Library) -> list[Tried]:
    """Run the cases of policies (each by itself) and the joint cases of a library."""
    own = [
        (p.file, case, [as_of(p, case.month, library.policies)])
        for p in library.policies
        for case in p.cases
    ]
    joint = [(file, case, _together(library.policies, case)) for file, case in library.cases]
    whole = [(file, case, held, _rows([case], held)[0]) for file, case, held in joint]
    grouped: dict[tuple[str, str], list[tuple[str, Case, list[Policy]]]] = defaultdict(list)
    for entry in own:
        grouped[entry[0], entry[1].month.text].append(entry)
    for entries in grouped.values():
        cases = [case for _, case, _ in entries]
        rows = _rows(cases, entries[0][2])
        whole += [(*entry, row) for entry, row in zip(entries, rows, strict=True)]
    found = [Tried(file, case, _wrong(case, policies, row)) for file, case, policies, row in whole]
    return sorted(found, key=lambda one: (one.file, one.case.line))


def _together(policies: list[Policy], case: Case) -> list[Policy]:
    """The policies in force that share a group with those a case speaks of, and these."""
    held = in_force(policies, case.month, case.sheet.subject)
    named = [p for p in held if p.code in case.expected]
    groups = {group.group for p in named for group in p.stacking}
    return [p for p in held if p in named or groups & {g.group for g in p.stacking}]


def _rows(cases: list[Case], policies: list[Policy]) -> list[dict[str, Any]]:
    month = cases[0].month
    engine = ibis.duckdb.connect()
    table = snapshot_of([case.sheet for case in cases], policies, month)
    expression = decide_population(table, policies, month).order_by("person")
    with layered():
        rows: list[dict[str, Any]] = engine.to_pyarrow(expression).to_pylist()
    engine.disconnect()
    return rows


def _wrong(case: Case, policies: list[Policy], row: dict[str, Any]) -> tuple[str, ...]:
    found = {d.policy.code: d for d in decide_all(policies, case.sheet, case.month)}
    wrong: list[str] = []
    for code, expected in case.expected.items():
        decision = found.get(code)
        if decision is None:
            wrong.append(f"{code} 在 {case.month.text} 没有执行")
            continue
        prefix = f"{code}：" if len(case.expected) > 1 else ""
        wrong += [f"{prefix}逐人算：{text}" for text in differences(expected, decision.outcome)]
        size = outcome_of(decision.policy, row)
        wrong += [f"{prefix}批量算：{text}" for text in differences(expected, size)]
        masks = (row[column(code, "failed")], row[column(code, "unknown")])
        if masks != (decision.failed_mask, decision.unknown_mask):
            wrong.append(f"{prefix}两种算法的条件结果不一样")
    return tuple(wrong)


def outcome_of(policy: Policy, row: dict[str, Any]) -> Expected:
    """A row of a decision table in the short form."""
    failed, unknown = row[column(policy, "failed")], row[column(policy, "unknown")]
    decision = "no" if failed else "cannot_decide" if unknown else "yes"
    return Expected(decision, row[column(policy, "amount")], names_of(policy, failed), None)
