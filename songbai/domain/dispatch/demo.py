"""The demo's story of the day's dispatch: who lets the desk see where she is."""

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.queries import actors_of
from songbai.core.geo import Place
from songbai.core.stages import Story, stage
from songbai.domain.elders.queries import home_of

from .actions.positions import Fix, NobodyLeft, NotAtWork, share_position, tell_position
from .models import Assignment
from .rules import AssignmentState


@stage("dispatch", words="路上的护理员")
def tell(story: Story) -> None:
    """Some of those with visits left today are near the door they go to next."""
    left = Assignment.objects.filter(
        **story.inside,
        state=AssignmentState.ACTIVE,
        begun_at=None,
        starts_at__range=clock.day_bounds(story.today),
        account_id__isnull=False,
    )
    nearest = {
        row.account_id or 0: row for row in left.select_related("elder").order_by("-starts_at")
    }
    for place, (account, row) in enumerate(sorted(nearest.items())[:24]):
        actor = actors_of(Account.objects.get(pk=account))[0]
        home = home_of(row.elder)
        share_position(actor, shared=place % 6 != 5)
        if place % 6 != 5:
            near = Place(home.longitude + 0.004, home.latitude - 0.003)
            try:
                tell_position(actor, Fix(near, 12.0, clock.now()))
            except (NotAtWork, NobodyLeft):
                continue
