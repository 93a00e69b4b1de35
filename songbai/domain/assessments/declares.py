"""What assessments add to the house."""

from __future__ import annotations

from songbai.core.accounts.registry import act
from songbai.core.accounts.rules import RoleKind
from songbai.core.following import follows
from songbai.domain.elders.declares import DISPATCHER, FAMILY, OFFICER

from .models import (
    Appeal,
    Assessment,
    AssessorAnswers,
    Notice,
    Occurrence,
    Recusal,
    Review,
    Signature,
    Tap,
)

ASSESSOR = RoleKind.ASSESSOR
BODY = RoleKind.BODY

ASSESSMENT_ASK = act("assessment.ask", "申请评估", FAMILY, DISPATCHER, OFFICER)
ASSESSMENT_READ = act("assessment.read", "看评估", FAMILY, OFFICER, ASSESSOR, BODY)
ASSESSMENT_ASSIGN = act("assessment.assign", "指派评估机构", OFFICER)
ASSESSMENT_TEAM = act("assessment.team", "安排评估员", OFFICER, BODY)
ASSESSMENT_BOOK = act("assessment.book", "约评估时间", OFFICER, ASSESSOR, BODY)
ASSESSMENT_DO = act("assessment.do", "做评估", ASSESSOR)
ASSESSMENT_REVIEW = act("assessment.review", "复核评估", ASSESSOR)
ASSESSMENT_CONCLUDE = act("assessment.conclude", "作出评估结论", OFFICER)
ASSESSMENT_APPEAL = act("assessment.appeal", "对评估结论提异议", FAMILY, OFFICER)
ASSESSMENT_STOP = act("assessment.stop", "中止评估", FAMILY, OFFICER, ASSESSOR, BODY)
ASSESSMENT_SHARE = act("assessment.share", "公示评估结果", OFFICER)
BODY_READ = act("body.read", "看评估机构", OFFICER, BODY)
BODY_KEEP = act("body.keep", "管理评估机构", OFFICER)
OCCURRENCE_NOTE = act("occurrence.note", "登记身体变化", DISPATCHER, OFFICER)

follows(Recusal, merge="together", death="stays", move="stays", erasure="kept")
follows(Assessment, merge="together", death="ends", move="stays", erasure="kept")
follows(AssessorAnswers, merge="together", death="stays", move="stays", erasure="kept")
follows(Tap, merge="together", death="stays", move="stays", erasure="kept")
follows(Signature, merge="together", death="stays", move="stays", erasure="kept")
follows(Review, merge="together", death="stays", move="stays", erasure="kept")
follows(Appeal, merge="together", death="ends", move="stays", erasure="kept")
follows(Notice, merge="together", death="stays", move="stays", erasure="kept")
follows(Occurrence, merge="together", death="stays", move="stays", erasure="kept")
