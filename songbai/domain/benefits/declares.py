"""What benefits add to the house."""

from songbai.core.accounts.registry import act
from songbai.core.audit.registry import read_field
from songbai.core.events.registry import detailed, event
from songbai.core.following import empties, follows
from songbai.core.ledger.registry import kind_of_accounts, kinds_of_transfers, payer
from songbai.domain.benefits.rules.paying import SuspensionReason
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
from .rules.policy import Channel

BENEFIT_READ = act("benefit.read", "看待遇", FAMILY, OFFICER)
BENEFIT_TELL = act("benefit.tell", "告知待遇", OFFICER)
OBJECTION_RAISE = act("objection.raise", "提出异议", FAMILY, OFFICER)
OBJECTION_ANSWER = act("objection.answer", "答复异议", OFFICER)
BENEFIT_CHECK = act("benefit.check", "核查待遇", OFFICER)
BENEFIT_PROPOSE = act("benefit.propose", "提交待遇审批", OFFICER)
BENEFIT_APPROVE = act("benefit.approve", "审批待遇", OFFICER)
BENEFIT_PAY = act("benefit.pay", "发放待遇", OFFICER)

event("benefit.told", "把待遇告诉老人")
event(
    "benefit.suspended",
    lambda told: detailed("暂停待遇", SuspensionReason(told["reason"]).words),
)
event("benefit.resumed", "恢复待遇")
event("objection.raised", "对待遇提出异议")
event("objection.taken", "受理异议")
event("objection.answered", "答复异议")
event("objection.withdrawn", "撤回异议")
event("cycle.frozen", "待遇月度核定：取好数据")
event("cycle.decided", "待遇月度核定：算出结果")
event("cycle.checked", "待遇月度核定：查出疑点")
event("cycle.in_towns", "待遇月度核定：交镇街核对")
event("cycle.town_confirmed", "待遇月度核定：镇街核对完")
event("cycle.noticed", "待遇月度核定：公示")
event("cycle.proposed", "待遇月度核定：报批")
event("cycle.approved", "待遇月度核定：批准")
event("cycle.paying", "待遇月度核定：开始发放")
event("cycle.closed", "待遇月度核定：办结")
event("exception.released", "疑点核查后照发")
event("exception.held", "疑点核查后不发")
event("exception.open_again", "疑点的处理收回，重新核对")
event("batch.sent", "发放文件交银行")
event("batch.settled", "银行回了发放结果")
event("bank.file_refused", lambda told: detailed("银行回的文件不能用", told.get("why", "")))
event("payment.failed", "银行没发成待遇")
event("payment.returned", "银行到账后又退回待遇")
event("payment.account_given", "报了新的发放账号，等同事核对")
event("payment.held", lambda told: detailed("待遇先不发", told.get("why", "")))
event("payment.released", lambda told: detailed("核实后照发", told.get("why", "")))
event("payment.retried", "同一账号再发一次")
event("payment.called_off", lambda told: detailed("不再发放", told.get("why", "")))
event("recovery.planned", "排好退回分期")
event("recovery.repaid", "退回一期")
event("recovery.waived", "免除退回")
event("recovery.released", "核实后不用退回了")

read_field("credit", "额度")
read_field("money", "钱款")
read_field("bank_card", "一卡通账号（打码）")
read_field("benefits", "待遇")
read_field("objections", "异议")

follows(Payment, merge="carried", death="held", move="stays", erasure="kept")
follows(PaymentLine, merge="carried", death="stays", move="stays", erasure=empties())
follows(Arrears, merge="carried", death="stays", move="stays", erasure="kept")
follows(Recovery, merge="carried", death="stays", move="stays", erasure="kept")
follows(Instalment, merge="carried", death="stays", move="stays", erasure="kept")
follows(
    Suspension, merge="carried", death="stays", move="stays", erasure=empties("note", "end_note")
)
follows(CreditGrant, merge="handed over", death="ends", move="stays", erasure="kept")
follows(Decision, merge="together", death="stays", move="stays", erasure="kept")
follows(CycleException, merge="together", death="stays", move="stays", erasure=empties("reason"))
follows(Notice, merge="carried", death="stays", move="stays", erasure=empties("text"))
follows(
    Objection,
    merge="carried",
    death="stays",
    move="stays",
    erasure=empties("text", "voiced_by", "found"),
)
follows(NoticeGiven, merge="carried", death="stays", move="stays", erasure=empties("listener"))

CREDIT = payer(
    Channel.CREDIT.value,
    Channel.CREDIT.words,
    short="额度",
    order=30,
    account="elder:{person}:credit:{month}",
    book="老人的居家服务额度",
)
VOUCHER = payer(
    Channel.VOUCHER.value,
    Channel.VOUCHER.words,
    short="电子券",
    order=40,
    account="elder:{person}:voucher:{month}",
    book="老人的消费补贴电子券",
)
#: What money that orders spend is given from, by the channel.
FUNDS = {
    Channel.CREDIT: kind_of_accounts("fund/credit", "政府购买服务资金", order=10, monthly=True),
    Channel.VOUCHER: kind_of_accounts("fund/voucher", "消费补贴资金", order=20, monthly=True),
}
kind_of_accounts("fund/benefit", "待遇资金", order=200, monthly=True)
kind_of_accounts("bank/sent", "已交银行、未答复", order=210)
kind_of_accounts("paid/benefit", "待遇已到账", order=220, monthly=True)
kind_of_accounts("elder/owed", "老人应退回的钱", order=230)
kind_of_accounts("claims/benefit", "追缴应收", order=240)
kind_of_accounts("cash/repaid", "退回的现金和转账", order=250)
kinds_of_transfers(
    credit=f"发放{CREDIT.short}",
    voucher=f"发放{VOUCHER.short}",
    lapse="月底没用完，退回",
    ended="提前停用，退回",
    given_again="还原，重新发放",
    doubled="另一份档案用过的，退回",
    parted="撤销合并，各归各的",
    sent="交银行发放",
    paid="银行已发放",
    bounced="银行退回",
    withheld="从发放中扣还",
    claim="多发，应退回",
    unwithheld="不再发放，扣还的不算",
    returned="到账后银行又退回",
    repaid="已退回",
    waived="免除退回",
    released="查明不用退回",
)
