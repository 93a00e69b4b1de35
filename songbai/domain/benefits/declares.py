"""What benefits add to the house."""

from __future__ import annotations

from songbai.core.accounts.registry import act
from songbai.core.following import empties, follows
from songbai.domain.elders.declares import FAMILY, OFFICER

from .models import (
    Arrears,
    CreditGrant,
    CycleException,
    Decision,
    Instalment,
    Notice,
    NoticeGiven,
    Objection,
    Payment,
    PaymentLine,
    Recovery,
    Suspension,
)

BENEFIT_READ = act("benefit.read", "看待遇", FAMILY, OFFICER)
BENEFIT_TELL = act("benefit.tell", "告知待遇", OFFICER)
OBJECTION_RAISE = act("objection.raise", "提出异议", FAMILY, OFFICER)
OBJECTION_ANSWER = act("objection.answer", "答复异议", OFFICER)
BENEFIT_CHECK = act("benefit.check", "核查待遇", OFFICER)
BENEFIT_PROPOSE = act("benefit.propose", "提交待遇审批", OFFICER)
BENEFIT_APPROVE = act("benefit.approve", "审批待遇", OFFICER)
BENEFIT_PAY = act("benefit.pay", "发放待遇", OFFICER)

follows(Payment, merge="together", death="held", move="stays", erasure="kept")
follows(PaymentLine, merge="together", death="held", move="stays", erasure=empties())
follows(Arrears, merge="together", death="held", move="stays", erasure="kept")
follows(Recovery, merge="together", death="held", move="stays", erasure="kept")
follows(Instalment, merge="together", death="held", move="stays", erasure="kept")
follows(
    Suspension, merge="together", death="ends", move="stays", erasure=empties("note", "end_note")
)
follows(CreditGrant, merge="together", death="ends", move="stays", erasure="kept")
follows(Decision, merge="together", death="stays", move="stays", erasure="kept")
follows(CycleException, merge="together", death="stays", move="stays", erasure=empties("reason"))
follows(Notice, merge="together", death="stays", move="stays", erasure=empties("text"))
follows(
    Objection,
    merge="together",
    death="stays",
    move="stays",
    erasure=empties("text", "voiced_by", "found"),
)
follows(NoticeGiven, merge="together", death="stays", move="stays", erasure=empties("listener"))
