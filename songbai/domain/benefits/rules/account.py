"""The account of one person, policy and month: what should be, what was given, what is open. Pure.

Whatever is corrected, however often and in whatever order facts come, looks at this sum. In the end
somebody has what the last truth says; more only where two officers waived it, less only where an
officer kept it back for good.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .policy import Policy


@dataclass(frozen=True)
class MonthAccount:
    """Fen of one person, policy and month.

    ``given`` reached the person, by the month's payment or as arrears of a later one; ``coming`` is
    found as arrears and in no payment yet. ``kept`` was suspended and stays so. Of what was asked
    back, ``returned`` came (withheld, paid back), ``waived`` two officers gave up, ``claimed`` is
    still open. ``moving``: money of the month is on its way, so that nothing can be said yet.
    """

    given: int = 0
    coming: int = 0
    kept: int = 0
    returned: int = 0
    waived: int = 0
    claimed: int = 0
    moving: bool = False

    @property
    def has(self) -> int:
        """What the person has of the month."""
        return self.given - self.returned

    @property
    def promised(self) -> MonthAccount:
        """The account when what is coming cannot be held back any more."""
        return replace(self, given=self.given + self.coming, coming=0)


@dataclass(frozen=True)
class Change:
    """What must change for an account to be right, fen: more (below 0: less) of what is coming, and
    of what is claimed back.
    """

    coming: int = 0
    claimed: int = 0


def by_law(then: int | None, now: int | None, policy: Policy) -> int | None:
    """What a month should be, fen, when the law of the time and the law as it is written now give
    different sums of the same facts; the policy says how far it works backwards.
    """
    if then is None or now is None or now == then:
        return now
    return now if (policy.raised_back if now > then else policy.lowered_back) else then


def change(account: MonthAccount, should: int) -> Change:
    """How an account is put right once it is known what the month should be."""
    if account.moving:
        return Change()
    missing = max(0, should - account.has - account.kept)
    too_much = max(0, account.has - should - account.waived)
    return Change(missing - account.coming, too_much - account.claimed)
