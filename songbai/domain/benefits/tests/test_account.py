"""One account per person, policy and month: in any order of truths, corrections, waivers, payments
and returns somebody ends with what the last truth says, or with what two officers left them.
"""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from songbai.domain.benefits.rules.account import Change, MonthAccount, change

FEN = st.sampled_from([0, 500, 1_000, 1_500])


def corrected(account: MonthAccount, should: int) -> MonthAccount:
    """The account after a correction."""
    put = change(account, should)
    return replace(
        account, coming=account.coming + put.coming, claimed=account.claimed + put.claimed
    )


def settled(account: MonthAccount) -> MonthAccount:
    """The account when everything open has been paid and paid back."""
    return replace(
        account,
        given=account.given + account.coming,
        coming=0,
        returned=account.returned + account.claimed,
        claimed=0,
    )


class OneMonth(RuleBasedStateMachine):
    """Everything that can happen to one month's money of one person."""

    def __init__(self) -> None:
        super().__init__()
        self.account = MonthAccount()
        self.truth = 0

    @rule(fen=FEN)
    def learn(self, fen: int) -> None:
        self.truth = fen

    @rule()
    def correct(self) -> None:
        self.account = corrected(self.account, self.truth)
        assert change(self.account, self.truth) == Change()  # again finds nothing
        assert not (self.account.coming and self.account.claimed)

    @rule()
    def pay(self) -> None:
        one = self.account
        self.account = replace(one, given=one.given + one.coming, coming=0)

    @rule(share=st.floats(0, 1))
    def pay_back(self, share: float) -> None:
        part, one = int(self.account.claimed * share), self.account
        self.account = replace(one, returned=one.returned + part, claimed=one.claimed - part)

    @rule(share=st.floats(0, 1))
    def waive(self, share: float) -> None:
        part, one = int(self.account.claimed * share), self.account
        self.account = replace(one, waived=one.waived + part, claimed=one.claimed - part)

    @invariant()
    def in_the_end_the_last_truth_stands(self) -> None:
        end = settled(corrected(self.account, self.truth))
        assert end.has - end.waived <= self.truth <= end.has
        assert end.has == max(self.truth, min(self.account.has, self.truth + end.waived))


TestOneMonth = OneMonth.TestCase


@given(st.lists(FEN, min_size=1), FEN)
def test_however_often_the_truth_changed_without_a_waiver_the_last_one_is_paid(
    truths: list[int], last: int
) -> None:
    account = MonthAccount()
    for truth in [*truths, last]:
        account = corrected(account, truth)
    assert settled(account).has == last


@given(FEN, FEN)
def test_what_an_officer_kept_back_for_good_is_not_made_good(kept: int, truth: int) -> None:
    assert corrected(MonthAccount(kept=kept), truth).coming == max(0, truth - kept)


@given(FEN, FEN)
def test_money_on_its_way_is_waited_for(given_: int, truth: int) -> None:
    assert change(MonthAccount(given=given_, moving=True), truth) == Change()
