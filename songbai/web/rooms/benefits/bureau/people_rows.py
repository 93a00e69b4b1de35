"""How the people of a cycle read, and which figures lead to them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from songbai.domain.benefits.models import Cycle, Decision
from songbai.domain.benefits.queries.cycle_figures import Counts, Ruled
from songbai.domain.benefits.queries.cycles import policy_of
from songbai.domain.benefits.rules.cycle import Change, Outcome
from songbai.domain.benefits.rules.missing import cause_words, missing_names
from songbai.domain.benefits.rules.policy import Policy
from songbai.domain.elders.models import Elder
from songbai.web.frames.bureau.shell import link

#: The lists behind the figures of a cycle: words, and what belongs to them.
LISTS: dict[str, tuple[str, Outcome | None, Change | None]] = {
    "yes": ("享受", Outcome.YES, None),
    "new": ("新增", None, Change.NEW),
    "changed": ("金额变化", None, Change.CHANGED),
    "stopped": ("停发", None, Change.STOPPED),
    "same": ("不变", None, Change.SAME),
    "cannot": ("不能判断", Outcome.CANNOT_DECIDE, None),
    "stacked": ("不能同享", Outcome.STACKED, None),
}


OUTCOME_STATUS = {
    Outcome.YES: "eligible",
    Outcome.CANNOT_DECIDE: "to_verify",
    Outcome.STOPPED: "stopped",
    Outcome.STACKED: "not_eligible",
}


@dataclass(frozen=True)
class Figure:
    """A number with its words and the list behind it; ``share`` of the largest, of a hundred."""

    words: str
    count: int
    url: str
    share: float = 0.0


def list_url(cycle: Cycle, show: str, place: str = "", cause: str = "") -> str:
    """The list of the people behind a figure."""
    return link("cycle_people", cycle.pk, show=show, region=place, cause=cause)


def changes_of(cycle: Cycle, counts: Counts, place: str) -> list[tuple[Figure, list[Figure]]]:
    """New, changed and stopped, each with its causes, the most frequent first."""
    found = []
    for show in ("new", "changed", "stopped"):
        words, _, listed = LISTS[show]
        change = listed or Change.NONE
        causes = [
            Figure(cause_words(cause), n, list_url(cycle, show, place, cause))
            for cause, n in counts.causes[change].most_common()
        ]
        whole = Figure(words, counts.changes[change], list_url(cycle, show, place))
        found.append((whole, causes))
    return found


def ruled_figures(cycle: Cycle, ruled: Ruled, place: str) -> list[Figure]:
    """Whom each criterion is the first to rule out, the most first."""
    most = max(ruled.first.values(), default=0)
    words = {c.id: c.if_no for c in policy_of(cycle).criteria}
    rows = sorted(ruled.first.items(), key=lambda pair: -pair[1])
    return [
        Figure(words[key], n, list_url(cycle, f"no-{key}", place), 100 * n / most)
        for key, n in rows
    ]


#: Somebody of a cycle: what was decided, the word for it, and why it is so or changed.
PersonRow = tuple[Decision, str, str]


def people_rows(
    rows: Iterable[Decision], policy: Policy, beside: Mapping[int, list[str]] | None = None
) -> list[PersonRow]:
    """Rows of decisions that came from a scoped query with elders.

    ``beside``: what else stands in the way of the money, by elder.
    """
    found = []
    for one in rows:
        outcome, change = Outcome(one.outcome), Change(one.change)
        status = "new" if change is Change.NEW else outcome_status(one)
        why = [] if change in {Change.NONE, Change.SAME} else [cause_words(one.cause)]
        if outcome is Outcome.CANNOT_DECIDE:
            why.append(f"缺{'、'.join(missing_names(policy, one.unknown)) or '资料'}")
        elif outcome is Outcome.STOPPED and one.failed:
            why.append(failed_words(policy, one.failed))
        why += (beside or {}).get(one.elder_id, [])
        found.append((one, status, "；".join(why)))
    return found


def ruled_rows(elders: Iterable[Elder], why: str) -> list[PersonRow]:
    """Rows of people whom a criterion rules out."""
    return [(Decision(elder=elder), "not_eligible", why) for elder in elders]


def outcome_status(row: Decision) -> str:
    """The word of the status vocabulary for what was decided."""
    return OUTCOME_STATUS[Outcome(row.outcome)]


def failed_words(policy: Policy, failed: int) -> str:
    """The sentence of the first criterion that failed."""
    first = next((c for c in policy.criteria if failed & policy.bits[c.id]), None)
    return first.if_no if first else "和其他待遇不能同时享受"


def list_counts(counts: Counts) -> dict[str, int]:
    """How many are in each list of a cycle."""
    return {
        name: counts.outcomes[outcome] if outcome else counts.changes[change or Change.NONE]
        for name, (_, outcome, change) in LISTS.items()
    }


def outcome_tabs(
    cycle: Cycle, numbers: Mapping[str, int], show: str, place: str
) -> list[tuple[str, int, str, bool]]:
    """The lists of a cycle: words, how many, address, whether it is the one shown."""
    return [
        (words, numbers[name], list_url(cycle, name, place), name == show)
        for name, (words, _, _) in LISTS.items()
    ]
