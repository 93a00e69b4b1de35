"""Tables of assessment, one file for each subject."""

from .answers import AssessorAnswers, Tap
from .assessment import Assessment
from .body import Assessor, Body, Recusal
from .outcome import Appeal, Notice, Occurrence, Review, Signature
from .oversight import Outlier
