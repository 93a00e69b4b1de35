"""Where somebody is between two visits, when her phone says so."""

from collections.abc import Iterable

from .facts import Here, Member, Need


def between(member: Member, needs: Iterable[Need]) -> Here | None:
    """Where a caregiver is on her way; None when that is not known, or she is at a home.

    ``needs`` are those of the day; only those she was sent to count. What her phone said before her
    shift, or before she left the last home, is no news any more.
    """
    here = member.here
    if here is None or here.minute < member.starts:
        return None
    for need in needs:
        stands = need.standing
        if stands is None or stands.staff_id != member.staff_id or stands.begun is None:
            continue
        if stands.ended is None or stands.ended > here.minute:
            return None
    return here
