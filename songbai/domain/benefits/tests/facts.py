"""What departments said of people in these tests."""

from songbai.core.accounts.rules import SYSTEM
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.models import Elder


def may_use_vouchers(elder: Elder, **otherwise: str) -> None:
    """Civil affairs says nothing excludes somebody from vouchers; ``otherwise`` says more."""
    said = {"concentrated_care": "false", "home_care_upgrade": "false", **otherwise}
    facts = [NewFact(kind, value) for kind, value in said.items()]
    record_facts(SYSTEM, elder, facts, source="minzheng")
