"""Tables of assessment, one file for each subject."""

from .answers import AssessorAnswers, Tap
from .assessment import Assessment
from .body import FIRST_BODY, Assessor, Body, Recusal
from .outcome import Appeal, Notice, Occurrence, Review, Signature
from .oversight import Outlier

__all__ = [
    "FIRST_BODY",
    "Appeal",
    "Assessment",
    "Assessor",
    "AssessorAnswers",
    "Body",
    "Notice",
    "Occurrence",
    "Outlier",
    "Recusal",
    "Review",
    "Signature",
    "Tap",
]
