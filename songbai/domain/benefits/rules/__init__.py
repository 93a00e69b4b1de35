"""Benefit policies: what a file says, and what follows for one person. Pure: no Django.

``reading`` a policy file, ``statements`` a facts file → ``evaluate.decide_all`` → ``decision``.
For a whole population see ``songbai.domain.benefits.population``, which says the same.
"""

from .credit import credit_decision, spending_policy
from .decision import Decision
from .evaluate import decide, decide_all
from .located import WrongFile
from .months import Month
from .policy import Policy
