"""Tables of assessment, one file for each subject."""

from .assessment import Assessment, AssessorAnswers, Tap
from .body import Assessor, Body, Outlier, Recusal
from .outcome import Appeal, Notice, Occurrence, Review, Signature
