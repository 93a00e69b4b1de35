"""What benefits add to the house."""

from __future__ import annotations

from songbai.core.following import empties, follows

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
