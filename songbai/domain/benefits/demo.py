"""The demo's story of benefits: two months paid, one with the towns, and what went wrong.

Credits are decided and approved in the days before their month and given as it begins.

The month before last is closed, last month's money went out and some came back, this month waits
for the towns. Some deaths and a hukou were learnt late: there is something to recover and to pay.
"""

from contextlib import AbstractContextManager
from datetime import date, timedelta

from songbai.core import clock
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.approvals.actions import vote
from songbai.core.approvals.rules import Verdict
from songbai.core.regions.queries import region
from songbai.core.regions.rules import Level, full
from songbai.core.stages import Story, stage
from songbai.domain.elders.actions.facts import NewFact, record_facts
from songbai.domain.elders.actions.turning import look_for_signs
from songbai.domain.elders.declares import OFFICER
from songbai.domain.elders.demo import key, people, subject
from songbai.domain.elders.models import Elder, Fact

from .actions.correcting import (
    ask_return,
    ask_waiver,
    find_corrections,
    resume,
    set_instalments,
    suspend,
)
from .actions.cycles import close_empty, confirm, notify, propose, run, settle
from .actions.lapsing import lapse
from .actions.objections import NewObjection, answer, raise_objection, take
from .actions.paying import ask_account, pay, start, take_answers, try_again
from .bank import RecordingBank
from .models import CreditGrant, Cycle, CycleException, Payment, Recovery
from .rules import spending_policy
from .rules.cycle import ExceptionState, State
from .rules.months import Month
from .rules.objection import Ground
from .rules.paying import PaymentState, SuspensionReason
from .rules.policy import Channel

POLICY = "longevity-tongliang"
#: What the bank says of some lines of a file, by their number.
FAILING = {3: "E001", 17: "E002", 40: "E003", 71: "E004", 104: "E005", 150: "E002", 201: "E099"}
SUSPENDED = (
    (SuspensionReason.SURVIVAL, "认证到期没有做，电话打不通"),
    (SuspensionReason.UNREACHABLE, "村上说随子女外出，联系不上"),
    (SuspensionReason.REVIEW, "户籍迁出待核，先暂停"),
    (SuspensionReason.ABROAD, "随子女在境外，没有报告"),
    (SuspensionReason.SURVIVAL, "认证到期没有做"),
)
OBJECTIONS = (
    (Ground.AGE, "老人身份证上的出生年份登记错了", "女儿王榕"),
    (Ground.NOT_PAID, "上个月的津贴没有到卡里", "本人"),
    (Ground.PLACE, "户口一直在本区，没有迁出过", "儿子杨槐"),
    (Ground.AMOUNT, "满九十岁了，还是按八十岁的标准发", "孙女刘杏"),
)


@stage("benefits", words="待遇批次")
def tell(story: Story) -> int:
    """Three months of cycles, and everything that does not go straight."""
    earliest, last, this = _months(story)
    bank = RecordingBank()
    for first in _months(story)[1:]:  # what nobody spent of the months that are over
        with _on(first, 1, hour=0):
            while lapse(SYSTEM):
                pass
    # Some people's hukou stands elsewhere by mistake, until last month.
    with clock.moved_to(clock.at(earliest, 9)):
        for elder in _old(story)[:4]:
            record_facts(SYSTEM, elder, [NewFact("hukou", "500112001001")], source="gongan")
    for first in (earliest, last):
        _pay_month(story, bank, first)
    _put_right(story, bank, earliest)
    _learn(story, earliest, last)
    _suspend(story, last)
    with _on(this, 6):
        for cycle in _run(story, this):
            find_corrections(SYSTEM, cycle)
    with _on(this, 8):
        _recover(story)
        _object(story, last)
    _alive_after_all(story)
    return Cycle.objects.count()


def give_credits(story: Story) -> int:
    """The credits of the same months and of tomorrow's, and the vouchers of those that are paid,
    before anybody orders; how many.
    """
    tomorrow = story.today + timedelta(days=1)
    for first in sorted({*_months(story), tomorrow.replace(day=1)}):
        credit = spending_policy(Channel.CREDIT, clock.month_of(first), story.region)
        _pay_month(story, RecordingBank(), first, credit.code, ahead=12)
    for first in _months(story)[:2]:
        voucher = spending_policy(Channel.VOUCHER, clock.month_of(first), story.region)
        _pay_month(story, RecordingBank(), first, voucher.code)
    return CreditGrant.objects.count()


def _months(story: Story) -> tuple[date, date, date]:
    """The first days of the month before last, of last month and of this one."""
    this = story.today.replace(day=1)
    last = (this - timedelta(days=1)).replace(day=1)
    return (last - timedelta(days=1)).replace(day=1), last, this


def _on(first: date, day: int, hour: int = 10) -> AbstractContextManager[None]:
    """A day of a month (1 is its first, 0 the one before), or now if that is still to come."""
    return clock.moved_to(min(clock.at(first + timedelta(days=day - 1), hour), clock.now()))


def _run(story: Story, first: date, policy: str = "") -> list[Cycle]:
    """The cycles of a month that are with the towns, from what was known by then: facts learnt
    since are in the record.
    """
    month = Month(clock.month_of(first))
    found = run(SYSTEM, story.region, month, policy=policy, known_at=clock.now())
    waiting = [cycle for cycle in found if cycle.state == State.IN_TOWNS]
    return [cycle for cycle in waiting if not close_empty(SYSTEM, cycle)]


def _pay_month(
    story: Story, bank: RecordingBank, first: date, policy: str = "", ahead: int = 0
) -> None:
    """A month from frozen facts to the bank's answers, on the days on which it is done, or so many
    days ahead of them.
    """
    officer, checker = story.actors["officer"], story.actors["checker"]
    with _on(first, 6 - ahead):
        cycles = _run(story, first, policy)
    for cycle in cycles:
        with _on(first, 9 - ahead):
            _confirm(story, cycle)
        with _on(first, 10 - ahead):
            notify(officer, cycle)
        with _on(first, 11 - ahead):
            proposal = propose(officer, cycle)
        with _on(first, 12 - ahead):
            vote(checker, proposal.pk, Verdict.YES)
        cycle.refresh_from_db()
        with _on(first, 13 - ahead, hour=0 if ahead else 10):
            start(officer, cycle)
            pay(SYSTEM, bank, cycle.pk)
    with _on(first, 16):
        _answer(bank, FAILING)


def _confirm(story: Story, cycle: Cycle) -> None:
    """Each town settles what the checks found of its people and confirms its part."""
    waiting = CycleException.objects.filter(cycle=cycle, state=ExceptionState.OPEN, blocking=True)
    for found in waiting.order_by("pk"):
        settle(_of_town(story, found.region_id), found.pk, pay=False, reason="等本人补交账号")
    for part in cycle.towns.order_by("pk"):
        confirm(_of_town(story, part.region_id), part.pk)


def _of_town(story: Story, code: str) -> Actor:
    """Who answers for a town, none of those who log in: they answer objections to it. For people of
    no town the district.
    """
    town = region(full(code[:9]))
    if town.level != Level.TOWN:
        return story.actors["officer"]
    return Actor(None, f"{town.name}民政干部", OFFICER, town.code[:9])


def _answer(bank: RecordingBank, failing: dict[int, str]) -> None:
    """The bank answers what it was sent since it answered last."""
    answered = {name.removeprefix("result-") for name in bank.kept}
    for name in sorted(bank.sent):
        if name.removeprefix("pay-") not in answered:
            bank.answer(name, failing)
    take_answers(SYSTEM, bank)


def _put_right(story: Story, bank: RecordingBank, first: date) -> None:
    """What came back of the earliest month was paid to other accounts, so it is closed."""
    officer = story.actors["officer"]
    failed = Payment.objects.filter(month=clock.month_of(first), state=PaymentState.FAILED)
    with _on(first, 20):
        for place, payment in enumerate(failed.order_by("pk")):
            if place % 2:
                try_again(officer, payment.pk)
            else:
                account = f"6217008888{payment.elder_id:09d}"
                asked = ask_account(officer, payment.pk, account, "本人带社保卡到窗口更正")
                vote(story.actors["checker"], asked.pk, Verdict.YES)
        for cycle in Cycle.objects.filter(month=clock.month_of(first), state=State.PAYING):
            pay(SYSTEM, bank, cycle.pk)
    with _on(first, 23):
        _answer(bank, {})


def _old(story: Story) -> list[Elder]:
    """People paid every month, apart from those other rooms tell about."""
    born = story.today.replace(year=story.today.year - 82, day=1)
    return people(story, 90, birth_date__lt=born)[40:]


def _learn(story: Story, first: date, last: date) -> None:
    """Late in last month: the hukou is put right, some deaths are reported of people without
    credits (the lists of those were frozen already), and that some were registered elsewhere for
    the earliest month.
    """
    with _on(last, 25):
        for elder in _old(story)[:4]:
            right = NewFact("hukou", elder.region_id, valid_from=date(2001, 1, 1))
            record_facts(SYSTEM, elder, [right], source="gongan")
        given = CreditGrant.objects.values("elder_id")
        without = [elder for elder in _old(story)[4:] if not given.filter(elder=elder).exists()]
        for place, elder in enumerate(without[:6]):
            died = first + timedelta(days=5 + 3 * place)
            record_facts(SYSTEM, elder, [NewFact("death", str(died))], source="gongan")
        before = last - timedelta(days=1)
        for elder in _old(story)[16:19]:
            away = NewFact("hukou", "500112001001", "away", valid_from=first, valid_to=before)
            back = NewFact("hukou", elder.region_id, "back", valid_from=last)
            record_facts(SYSTEM, elder, [away, back], source="gongan")


def _alive_after_all(story: Story) -> None:
    """Of two who are said to be dead other offices say since that they live."""
    said = Fact.objects.filter(kind="death", **story.inside).order_by("id").values("elder_id")
    dead = list(Elder.objects.filter(pk__in=said).exclude(died_on=None).order_by("pk")[:2])
    day = story.today - timedelta(days=2)
    signs = (
        ("renshe", NewFact("survival", str(day))),
        ("yibao", NewFact("hospital_stay", "演示人民医院", valid_from=day)),
    )
    for elder, (source, fact) in zip(dead, signs, strict=False):
        record_facts(SYSTEM, elder, [fact], source=source)
    look_for_signs(SYSTEM)


def _suspend(story: Story, last: date) -> None:
    """Payments kept back, one of them paid again since."""
    officer = story.actors["officer"]
    made = []
    for elder, (reason, note) in zip(_old(story)[6:], SUSPENDED, strict=False):
        with _on(last, 26):
            made.append(suspend(officer, elder, POLICY, reason, last.replace(day=26), note))
    with _on(last, 28):
        resume(officer, made[-1].pk, last.replace(day=28), "已补做认证，恢复发放")


def _recover(story: Story) -> None:
    """Instalments for the living, the first repaid of one; of the dead one family paid back, for
    another the office asks to waive a part, the others are not yet talked over.
    """
    officer = story.actors["officer"]
    owed = Recovery.objects.filter(**story.inside).order_by("pk")
    month = clock.month_of(clock.today())
    for place, recovery in enumerate(owed.filter(elder__died_on=None)):
        parts = set_instalments(officer, recovery.pk, 2 + place % 3, month)
        if place == 0:
            _returned(story, recovery, parts[0].pk)
    of_dead = list(owed.exclude(elder__died_on=None)[:2])
    for recovery in of_dead[:1]:
        asked = recovery.owed // 2
        ask_waiver(officer, recovery.pk, asked, "老伴独居、吃低保，退不出来", key("waiver"))
    for recovery in of_dead[1:]:
        _returned(story, recovery, 0)


def _returned(story: Story, recovery: Recovery, part: int) -> None:
    """One officer writes the receipt down, another found the money."""
    name = f"return {recovery.pk}"
    asked = ask_return(
        story.actors["officer"], recovery.pk, part, f"收据 {recovery.pk:06}", key(name)
    )
    vote(story.actors["checker"], asked.pk, Verdict.YES)


def _object(story: Story, last: date) -> None:
    """Objections from the phone, the counter and the village; one was answered."""
    month = Month(clock.month_of(last))
    daughter, town = story.actors["daughter"], story.actors["town_officer"]
    wanted = NewObjection(key("objection"), POLICY, month, Ground.AMOUNT, "和邻居家的不一样多")
    raise_objection(daughter, subject(story, "mother"), wanted, where="/family/")
    made = []
    for elder, (ground, text, voice) in zip(_old(story)[12:], OBJECTIONS, strict=False):
        wanted = NewObjection(key("objection", elder.pk), POLICY, month, ground, text, voice)
        actor = town if elder.region_id.startswith(town.region or "") else story.actors["officer"]
        made.append(raise_objection(actor, elder, wanted, where="/bureau/"))
    mine = [one for one in made if one.region_id.startswith(town.region or "")]
    for one in mine[:2]:
        take(town, one.pk)
    for one in mine[:1]:
        answer(town, one.pk, "查了户口簿和系统，年龄和标准都对", where="/bureau/")
