"""What assessments add to the house."""

from datetime import datetime

from songbai.core import clock
from songbai.core.accounts.registry import act, role
from songbai.core.audit.registry import read_field
from songbai.core.events.registry import Told, detailed, event
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

ASSESSOR = role("assessor", "评估员", reaches="name")
BODY = role("body", "评估机构", reaches="organisation")

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


def _team(told: Told) -> str:
    return "、".join(told.get("assessors", []))


def _booked(told: Told) -> str:
    start = datetime.fromisoformat(told["start"]).astimezone(clock.SHANGHAI)
    return f"约好时间：{start.month} 月 {start.day} 日 {clock.shown(start)}"


def _reviewed(told: Told) -> str:
    doubted = "、".join(told.get("doubted", []))
    return "复核：同意" if told.get("agrees") else f"复核：有疑问（{doubted}），退回重评"


event("assessment.accepted", "受理申请")
event("assessment.refused", "自评不符合申请条件")
event("assessment.assigned", lambda told: f"分派给{told.get('body', '')}：{_team(told)}")
event("assessment.unassigned", "收回分派")
event("assessment.team_chosen", lambda told: detailed("机构定了评估员", _team(told)))
event("assessment.booked", _booked)
event("assessment.begun", "开始评估")
event("assessment.sheet_finished", "一位评估员交了")
event("assessment.late_answers", "断网时填的答案补传上来")
event("assessment.reopened", "一位评估员重新打开")
event("assessment.done", "两位评估员都交了")
event("assessment.reconciled", lambda told: f"合议一致，商定 {len(told.get('differences', {}))} 项")
event("assessment.signed", "提供情况的人和评估员签字")
event("assessment.drawn_for_review", "随机抽中复核")
event("assessment.reviewed", _reviewed)
event("assessment.publicised", "开始公示")
event("assessment.concluded", "出结果，发告知书")
event("assessment.appealed", "提出申诉")
event(
    "assessment.appeal_decided",
    lambda told: f"申诉有结果：等级{'改变' if told.get('upheld') else '不变'}",
)
event("assessment.final", "成为最终结果")
event("assessment.stopped", "暂停")
event("assessment.resumed", "恢复")
event("assessment.cancelled", "取消")
event("elder.occurrence", "登记身体变化")
event("body.designated", "指定评估机构")
event("body.outlier", "机构评分和别处差得多")
event("body.outlier_closed", "机构评分差异已核查")
event("assessor.registered", "登记评估员")
event("assessor.renewed", "评估员证书续期")
event("assessor.linked", "评估员开通账号")
event("assessor.left", "评估员离开")

read_field("assessment", "能力评估")

follows(Recusal, merge="carried", death="stays", move="stays", erasure="kept")
follows(Assessment, merge="carried", death="ends", move="stays", erasure="kept")
follows(AssessorAnswers, merge="carried", death="stays", move="stays", erasure="kept")
follows(Tap, merge="carried", death="stays", move="stays", erasure="kept")
follows(Signature, merge="carried", death="stays", move="stays", erasure="kept")
follows(Review, merge="carried", death="stays", move="stays", erasure="kept")
follows(Appeal, merge="carried", death="stays", move="stays", erasure="kept")
follows(Notice, merge="carried", death="stays", move="stays", erasure="kept")
follows(Occurrence, merge="carried", death="stays", move="stays", erasure="kept")
