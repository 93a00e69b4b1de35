"""The roles of the house, for tests of the ground floor, which knows none of them."""

from songbai.domain.assessments.declares import ASSESSOR, BODY
from songbai.domain.elders.declares import DISPATCHER, FAMILY, OFFICER
from songbai.domain.feeds.declares import DEPARTMENT
from songbai.domain.providers.declares import CAREGIVER, PROVIDER

__all__ = [
    "ASSESSOR",
    "BODY",
    "CAREGIVER",
    "DEPARTMENT",
    "DISPATCHER",
    "FAMILY",
    "OFFICER",
    "PROVIDER",
]
