"""A telephone number is a way to a person, not the person: it disagrees, changes, is passed on."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from songbai.core import clock, texts
from songbai.core.crypto import blind_index, decrypt
from songbai.core.errors import NotAllowed, NotFound, Refused
from songbai.core.signing import asked

from . import entry, tasks
from .models import Account, DoubtWhy, FormerNumber, NumberDoubt
from .rules import Actor
from .tries import OF_ONE, take

#: After so long without a log-in whoever holds the phone is asked for the name.
UNUSED = timedelta(days=365)
#: Wrong names before somebody has to look.
MOST_TRIES = 3


class OtherName(Refused):
    """这个手机号登记的是另一个姓名。请核对号码和姓名；号码换了人用的，请先到社区核对。"""

    field = "phone"


class NumberTaken(Refused):
    """这个手机号已经有账号在用。请核对；本人有两个账号的，请用那个号码登录，再把授权办到那里。"""

    field = "phone"


class NumberNotInUse(Refused):
    """用这个手机号现在不能登录：可能换了人用，或登记了本人去世。请先在“要核对的手机号”里核对。"""

    field = "phone"


class HolderDied(Refused):
    """用过这个手机号的同名的人登记了去世。请核对姓名和号码；登记错了的，先撤回去世登记。"""

    field = "phone"


class SameNumber(Refused):
    """新号码和现在的一样。"""

    field = "phone"


class NumberInDoubt(Refused):
    """这个手机号可能换了人用，暂时不能登录。请带身份证到社区核对，或拨 12349。"""

    field = "code"


class ReportedDead(NumberInDoubt):
    """这个账号登记为本人去世，先停用了。登记错了的，请带身份证到社区核对，或拨 12349。"""


class WrongName(Refused):
    """姓名和登记的不一样。请写登记时的姓名，写错几次要到社区核对。"""

    field = "name"


def check_name(phone: str, name: str) -> None:
    """Stop where a number belongs to an account of another name, or nobody logs in by it, or
    whoever had it with this name has died. Raises OtherName, NumberNotInUse, HolderDied.
    """
    account = Account.objects.by_phone(phone)
    if account is not None and not texts.same_name(account.name, name):
        raise OtherName
    if account is not None:
        check_in_use(account)
    for one in holders(phone):
        if not one.is_active and texts.same_name(one.name, name) and death_of(one.pk):
            raise HolderDied


def check_in_use(account: Account) -> None:
    """Stop where nobody logs in to an account before somebody has looked. Raises
    NumberNotInUse.
    """
    try:
        require_sure(account)
    except NumberInDoubt as error:
        raise NumberNotInUse from error


def holders(phone: str) -> QuerySet[Account]:
    """The accounts that have a number, or had it."""
    index = blind_index(texts.folded_phone(phone))
    number = Q(phone_index=index) | Q(former_numbers__phone_index=index)
    return Account.objects.filter(number).distinct()


def needs_name(account: Account) -> bool:
    """Whether nobody used the account for so long that whoever logs in is asked who it is."""
    last = max(account.last_login or account.created_at, account.created_at)
    confirmed = account.doubts.filter(same=True).order_by("-ended_at").first()
    if confirmed and confirmed.ended_at:
        last = max(last, confirmed.ended_at)
    return clock.now() - last > UNUSED


def note_login(account: Account) -> None:
    """The account was used now, by the program's clock."""
    entry.note_login(account, clock.now())


def open_doubt(account: Account) -> NumberDoubt | None:
    """The doubt that waits, if there is one."""
    return account.doubts.filter(same=None).first()


def require_sure(account: Account) -> None:
    """Nobody logs in by a number that somebody has to look at; what one hand says of it alone
    hinders nobody. Raises NumberInDoubt, ReportedDead.
    """
    require_alive(account)
    doubt = open_doubt(account)
    if doubt is not None and doubt.why not in {DoubtWhy.UNUSED, DoubtWhy.SAID}:
        raise NumberInDoubt


def require_alive(account: Account) -> None:
    """Nobody logs in to an account whose person is said to have died. Raises ReportedDead."""
    doubt = open_doubt(account)
    if doubt is not None and doubt.why == DoubtWhy.DIED:
        raise ReportedDead


def death_of(account_id: int) -> NumberDoubt | None:
    """What says that the person of an account has died, unless that was found wrong."""
    said = NumberDoubt.objects.filter(account_id=account_id, why=DoubtWhy.DIED)
    latest = said.order_by("-pk").first()
    return None if latest is None or latest.same else latest


def doubt_number(
    account: Account, why: DoubtWhy, note: str = "", by: int | None = None, region: str = ""
) -> NumberDoubt:
    """Note that a number may be in other hands; a graver sign takes the place of a lighter one.

    ``by``: the account of whoever says so, who does not settle it; ``region``: where.
    """
    said: dict[str, str | int | None] = {"why": why.value, "note": note[:120], "region": region}
    if by is not None:
        said["by_id"] = by
    entry.doubt(account.pk, at=clock.now().isoformat(), **said)
    doubt = NumberDoubt.objects.get(account=account, same=None)
    signs = list(DoubtWhy)
    if signs.index(why) > signs.index(DoubtWhy(doubt.why)):
        entry.doubt(account.pk, **said)
        doubt.refresh_from_db()
    return doubt


def carrier_says(actor: Actor, phone: str, since: date) -> bool:
    """The carrier answers that a number has been somebody else's since a day.

    Returns whether an account is in doubt now: one that was used before that day. Raises
    NotAllowed, WrongText.
    """
    if not actor.is_system:
        raise NotAllowed
    account, begin = Account.objects.by_phone(texts.mobile(phone)), clock.day_bounds(since)[0]
    if account is None or account.created_at >= begin:
        return False
    if account.former_numbers.filter(until__gte=begin).exists():
        return False
    if account.doubts.filter(same=True, ended_at__gte=begin).exists():
        return False
    doubt_number(account, DoubtWhy.CARRIER, f"运营商答复：{since} 起换了机主")
    return True


def tell_name(account: Account, name: str, source: str = "") -> Account:
    """Whoever logs in after a long time says who it is. Raises WrongName, NumberInDoubt,
    TooManyTries.
    """
    take(OF_ONE, f"name:{account.pk}", source)
    require_sure(account)
    doubt = doubt_number(account, DoubtWhy.UNUSED, "一年没有登录")
    if texts.same_name(account.name, name):
        if doubt.why == DoubtWhy.UNUSED:  # what an officer said, another one looks at
            end_doubt(doubt, same=True, by=account.name, found="登录时姓名核对一致")
        return account
    entry.doubt(account.pk, tries=1)
    if doubt.tries + 1 >= MOST_TRIES:
        doubt_number(account, DoubtWhy.NAME, "一年没有登录，再登录时姓名不对")
        raise NumberInDoubt
    raise WrongName


def end_doubt(doubt: NumberDoubt, *, same: bool, by: str, found: str) -> None:
    """Write what was found. Raises NotFound when somebody was faster."""
    ended = entry.doubt(
        doubt.account_id,
        same=same,
        ended_at=clock.now().isoformat(),
        ended_by=by[:40],
        found=found.strip()[:120],
    )
    if ended != doubt.pk:
        raise NotFound


def said_by(doubt: NumberDoubt, by: int, note: str) -> NumberDoubt:
    """What the program doubted somebody (the account ``by``) doubts too: another one settles it."""
    entry.doubt(doubt.account_id, by_id=by, note=f"{doubt.note}；{note.strip()}"[:120])
    doubt.refresh_from_db()
    return doubt


@transaction.atomic
def change_number(
    account_id: int, phone: str, how: str, *, by_holder: bool = False
) -> FormerNumber:
    """From now on the person logs in by another number; both numbers are told by a job.

    ``how``: by whom it was asked for and agreed, in words. A doubt about the old number ends; what
    an officer said is not ended by who holds the phone (``by_holder``). Raises NumberTaken,
    SameNumber, WrongText.
    """
    number, account = _free(account_id, phone), Account.objects.get(pk=account_id)
    former = _leave(account, number, how)
    doubt = open_doubt(account)
    if doubt is not None and not (by_holder and doubt.why == DoubtWhy.SAID):
        end_doubt(doubt, same=True, by=account.name, found=f"本人换了号码，{how}")
    transaction.on_commit(lambda: tasks.tell_numbers.defer(former_id=former.pk))
    return former


def check_free(account_id: int, phone: str, source: str) -> None:
    """Stop a number that ``change_number`` would refuse, before a code is used up; so many times,
    as it tells whether somebody has it. Raises NumberTaken, SameNumber, WrongText, TooManyTries.
    """
    texts.mobile(phone)
    take(OF_ONE, f"free:{account_id}", source)
    _free(account_id, phone)


def _free(account_id: int, phone: str) -> str:
    number = texts.mobile(phone)
    other = Account.objects.by_phone(number)
    if other is not None:
        raise SameNumber if other.pk == account_id else NumberTaken
    return number


@transaction.atomic
def give_up_number(account_id: int, how: str) -> FormerNumber:
    """The number is somebody else's now: the account is closed and lets go of it."""
    account = Account.objects.get(pk=account_id)
    former = _leave(account, f"passed-on:{account.pk}", how)
    entry.close(account)
    return former


@transaction.atomic
def take_up_number(account_id: int) -> None:
    """An account that was closed by error is open again, by the number it let go of. Raises
    NumberTaken when that is another account's by now.
    """
    account = Account.objects.get(pk=account_id)
    former = account.former_numbers.order_by("-pk").first()
    if account.is_active or former is None:
        return
    phone = decrypt(former.phone)
    if Account.objects.by_phone(phone) is not None:
        raise NumberTaken("这个账号原来的手机号已经有别的账号在用，不能恢复。请给本人登记新号码。")
    entry.change_phone(account, phone)
    entry.open_again(account)


def _leave(account: Account, number: str, how: str) -> FormerNumber:
    former = asked("accounts_keep_number", account.pk, clock.now(), how[:40])
    entry.change_phone(account, number)
    return FormerNumber.objects.get(pk=former)
