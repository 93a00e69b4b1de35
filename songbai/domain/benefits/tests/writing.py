"""Policies and facts for tests, short to write."""

import textwrap
from pathlib import Path
from typing import Any

from songbai.domain.benefits.rules import Month, Policy
from songbai.domain.benefits.rules.facts import Sheet
from songbai.domain.benefits.rules.reading import parse_policy
from songbai.domain.benefits.rules.statements import sheet_from

MONTH = Month("2026-06")
TONGLIANG = "500151001001"
MONTHLY = """
- id: monthly
  name: 每月
  unit: month
  rows:
    - {id: all, label: 每人, amount: 100元, verified: false}
"""


def source(
    when: str = "age >= 80",
    amounts: str = MONTHLY,
    dates: str = "{facts: first_day, age: last_day, verified: false}",
    more: str = "",
    code: str = "made-up",
    phase: str = "both",
    cases: str = "[]",
) -> str:
    """The text of a policy with one criterion."""
    return "\n".join(
        [
            "format: songbai-policy/1",
            f"code: {code}",
            "name: 试写的政策",
            "subject: elder",
            'region: {codes: ["500151"], by: none}',
            "valid_from: 2026-01-01",
            "reference: {document: 试写, clause: 第一条}",
            "verified: false",
            "pay: {channel: yikatong}",
            f"dates: {dates}",
            "criteria:",
            f"  - {{id: only, when: '{when}', if_yes: 符合, if_no: 不符合, clause: 第一条,",
            f"     phase: {phase}}}",
            "amounts:",
            textwrap.indent(amounts.strip("\n"), "  "),
            "notices: {granted: '{name} {amount}', refused: '{reason}', stopped: '{reason}'}",
            f"cases: {cases}",
            "" if "alive" in when or "after_death" in more else "after_death: paid",
            more,
        ]
    )


def policy(when: str = "age >= 80", **parts: str) -> Policy:
    """A policy with one criterion."""
    return parse_policy(source(when, **parts), "made-up.yaml")


def elder(receiving: tuple[str, ...] = (), **facts: Any) -> Sheet:
    """An elder's facts as in JSON."""
    return sheet_from({"subject": "elder", "facts": facts, "receiving": list(receiving)})


def write(folder: Path, name: str, text: str) -> None:
    """A file of a folder of policies."""
    (folder / name).write_text(text, "utf-8")
