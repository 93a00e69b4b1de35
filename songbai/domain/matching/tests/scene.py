"""What matching lays out for pages to be looked at."""

from songbai.core.accounts.rules import SYSTEM
from songbai.domain.matching.actions import merge, search_duplicates
from songbai.domain.matching.models import Candidate
from tests.cast import make_elder
from tests.scenes import Scene


def lay(scene: Scene) -> None:
    """Mrs Wang stands in the register twice: a pair for the clerk, and a merge."""
    mother = scene.cast.mother
    again = make_elder("王桂英", 77)
    search_duplicates(SYSTEM, "500151001")
    made = merge(SYSTEM, mother, again, reason="同一个人", score=1.0, why=[])
    scene.own(candidate_id=Candidate.objects.filter(elder=mother)[0].pk, merge_id=made.pk)
