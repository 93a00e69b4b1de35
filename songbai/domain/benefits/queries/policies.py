"""The law of this installation as an officer sees it."""

from dataclasses import replace
from pathlib import Path

from songbai.core import clock
from songbai.core.acting import Actor, require
from songbai.domain.benefits.declares import BENEFIT_READ
from songbai.domain.benefits.rules.library import law
from songbai.domain.benefits.rules.located import Problem
from songbai.domain.benefits.rules.policy import Policy
from songbai.domain.benefits.rules.vocabulary import folders


def policies_in(actor: Actor) -> list[Policy]:
    """The policies that are law in the scope of an officer, or will be; by name and beginning.

    Raises NotAllowed.
    """
    require(actor, BENEFIT_READ)
    here, today = actor.region or "", clock.today()
    found = [
        policy
        for policy in law().policies
        if (policy.valid_to is None or policy.valid_to >= today)
        and any(code.startswith(here) or here.startswith(code) for code in policy.regions)
    ]
    return sorted(found, key=lambda policy: (policy.name, policy.valid_from))


def set_aside(actor: Actor) -> list[Problem]:
    """What is wrong in files that are not used, each with its place; files without their folder.

    Raises NotAllowed.
    """
    require(actor, BENEFIT_READ)
    return [replace(one, file=_short(one.file)) for one in sorted(set(law().problems))]


def _short(file: str) -> str:
    path = Path(file)
    inside = next((f for f in folders() if path != f and path.is_relative_to(f)), None)
    return str(path.relative_to(inside)) if inside else file
