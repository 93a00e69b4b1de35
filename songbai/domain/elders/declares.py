"""What the register adds to the house."""

from songbai.core.accounts.registry import act, grant, role
from songbai.core.audit.declares import AUDIT_READ, READS_OF_ELDER
from songbai.core.audit.registry import read_field
from songbai.core.events.registry import detailed, event
from songbai.core.exports.declares import EXPORT
from songbai.core.following import empties, follows, person
from songbai.core.ledger.declares import LEDGER_READ

from .models import Conflict, Consent, CurrentFact, Elder, Fact, Followed, LegalHold, Proxy, Turn

FAMILY = role("family", "家属", reaches="person")
OFFICER = role("officer", "民政", reaches="region")
DISPATCHER = role("dispatcher", "调度员", reaches="region")

ELDER_READ = act("elder.read", "看老人档案", FAMILY, DISPATCHER, OFFICER)
OVERVIEW_READ = act("overview.read", "看总览", OFFICER)
CORRECTION_ASK = act("correction.ask", "申请更正", FAMILY, OFFICER)
CORRECTION_DECIDE = act("correction.decide", "审批更正", OFFICER)
PROXY_INVITE = act("proxy.invite", "邀请家人", FAMILY)
PROXY_BIND = act("proxy.bind", "绑定代办人", OFFICER)
NUMBER_ASK = act("number.ask", "申请换手机号", FAMILY, DISPATCHER, OFFICER)
PROXY_END = act("proxy.end", "解除代办人", FAMILY, OFFICER)
CONSENT_GIVE = act("consent.give", "登记授权", FAMILY, OFFICER)
CONSENT_READ = act("consent.read", "看授权", FAMILY, OFFICER)
ERASURE_ASK = act("erasure.ask", "申请清除个人信息", OFFICER)
ERASURE_DECIDE = act("erasure.decide", "审批清除个人信息", OFFICER)
HOLD_PLACE = act("hold.place", "保留档案", OFFICER)
FACT_RECORD = act("fact.record", "登记情况", OFFICER)
SEE_TO = act("followed.see_to", "办要人还原的事", DISPATCHER, OFFICER)
CONFLICT_DECIDE = act("fact.decide_conflict", "处理数据冲突", OFFICER)
TRUST_SET = act("fact.set_trust", "设定数据来源次序", OFFICER)

grant(LEDGER_READ, OFFICER)
grant(READS_OF_ELDER, FAMILY, OFFICER)
grant(AUDIT_READ, OFFICER)
grant(EXPORT, OFFICER)

event("elder.registered", "登记")
event(
    "elder.proxy_bound",
    lambda told: detailed("绑定家属", told.get("relation", "")),
    family=lambda told: f"{told.get('relation', '')}登记成了替老人办事的人",
)
event(
    "elder.proxy_ended",
    lambda told: detailed("结束家属授权", told.get("reason", ""), told.get("relation", "")),
    family=lambda told: f"{told.get('relation', '')}替老人办事的授权结束了",
)
event(
    "elder.number_changed",
    lambda told: detailed("换登录的手机号", told.get("relation", "")),
    family=lambda told: f"{told.get('relation', '')}换了登录的手机号",
)
event(
    "elder.number_doubted",
    lambda told: detailed("怀疑手机号换了人用，正在核对", told.get("relation", "")),
    family=lambda told: (
        f"有人说{told.get('relation', '')}的手机号换了人用，社区正在核对，"
        f"核对以前{'不能登录' if told.get('stops') else '照常能用'}"
    ),
)
event("account.number_doubted", "怀疑手机号换了人用，等同事核对")
event(
    "elder.number_confirmed",
    lambda told: "核对过，本人还在" if told.get("died") else "核对手机号，还是本人在用",
)
event(
    "elder.number_passed_on",
    lambda told: (
        "核对过，本人去世，结束授权" if told.get("died") else "核对手机号，换了人用，结束授权"
    ),
)
event(
    "elder.kin_reported",
    lambda told: detailed("登记替老人办事的人去世", told.get("relation", ""), told["reason"]),
)
event(
    "elder.kin_died",
    lambda told: detailed("替老人办事的人去世", told.get("relation", "")),
    family=lambda told: f"{told.get('relation', '')}登记为去世。请问问社区以后谁来替老人办事",
)
event(
    "elder.kin_lives",
    lambda told: detailed("替老人办事的人还在，登记错了", told.get("relation", "")),
    family=lambda told: f"{told.get('relation', '')}登记为去世是登记错了，授权照旧",
)
event("account.died", "登记账号本人去世，账号停用，等同事核对")
event("account.lives", "账号本人还在，登记错了，账号恢复")
event("elder.hold_placed", "保留，不许清除")
event("elder.hold_lifted", "解除保留")
event("elder.erased", "清除个人信息")
event("elder.died", "登记去世")
event("elder.lives", "去世登记有误，已更正")
event("elder.moved", "搬家，档案转到新住址")
event("elder.facts_recorded", "登记情况")
event("elder.fact_withdrawn", "撤回登记的情况")
event("elder.seen_to", "办好了不能自动还原的事")
event("elder.conflict_decided", "来源说法不一，选定一种")
event("facts.list_delivered", "部门交来全部名单")
event("facts.trust_set", "改数据来源的先后")
event("consent.given", "同意给别人看")
event("consent.withdrawn", "收回同意")

read_field("name", "姓名")
read_field("age", "年龄")
read_field("birth_date", "出生日期")
read_field("town", "镇街")
read_field("village", "村社")
read_field("home", "家的位置")
read_field("address", "住址")
read_field("phone", "电话")
read_field("masked_phone", "电话（打码）")
read_field("id_number", "身份证号")
read_field("masked_id_number", "身份证号（打码）")
read_field("ability", "能力等级")
read_field("risks", "过敏和风险")
read_field("tags", "家庭情况")
read_field("proxies", "家属")
read_field("door_code", "门口的码")
read_field("facts", "资料和来源")
read_field("consents", "同意情况")
read_field("corrections", "更正申请")
read_field("withdrawn", "撤回的登记")

person(Elder)
follows(Elder, merge="record", death="stays", move="goes along", erasure="own")
follows(Consent, merge="carried", death="stays", move="goes along", erasure="kept")
follows(LegalHold, merge="carried", death="stays", move="goes along", erasure="kept")
follows(Fact, merge="own", death="stays", move="goes along", erasure=empties("reason"))
follows(CurrentFact, merge="own", death="stays", move="goes along", erasure="own")
follows(Conflict, merge="own", death="stays", move="goes along", erasure=empties("reason"))
follows(Proxy, merge="carried", death="stays", move="goes along", erasure="own")
follows(Turn, merge="together", death="stays", move="goes along", erasure="kept")
follows(Followed, merge="together", death="stays", move="goes along", erasure="kept")
