"""Background work of matching."""

from procrastinate.contrib.django import app

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM
from songbai.core.events.actions import subscribe
from songbai.core.regions.models import Region
from songbai.core.regions.rules import Level, prefix

from .actions import search_duplicates, settle


@app.periodic(cron=clock.daily(2, 40, "sun"))
@app.task(queueing_lock="matching.search_all")
def search_all(timestamp: int) -> None:  # noqa: ARG001
    """Each Sunday night, one job for each district."""
    for code in Region.objects.filter(level=Level.DISTRICT).values_list("code", flat=True):
        search_district.defer(district=prefix(code, Level.DISTRICT))


@app.task
def search_district(district: str) -> None:
    """Search one district for people registered twice."""
    search_duplicates(SYSTEM, district)


@subscribe("elder.merged")
@subscribe("elder.merge_undone")
@app.task(name="songbai.matching.settle_after")
def settle_after(event_id: int) -> None:  # noqa: ARG001  # all that waits is settled
    """After a merge or an undo, rows go to the record they are read with."""
    settle(SYSTEM)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="matching.settle")
def settle_all(timestamp: int) -> None:  # noqa: ARG001
    """Let survivors have what was written to merged records since."""
    settle(SYSTEM)
