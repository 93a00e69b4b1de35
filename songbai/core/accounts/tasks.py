"""What accounts have done in the background."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from songbai.core import clock, web_role
from songbai.core.crypto import decrypt

from .models import Account, FormerNumber, LoginCode
from .sms import sms


@app.task(retry=RetryStrategy(max_attempts=4, wait=5))
@transaction.atomic
def send_code(phone_index: str) -> None:
    """Send the code that was asked for a number, if an account has it, once.

    Runs for every number, so that the page which asked takes the same time for all.
    """
    unsent = LoginCode.objects.select_for_update().filter(sent=False)
    asked = unsent.filter(phone_index=bytes.fromhex(phone_index)).first()
    account = Account.objects.filter(phone_index=bytes.fromhex(phone_index), is_active=True).first()
    if asked is None or account is None or not asked.code():
        return
    LoginCode.objects.filter(pk=asked.pk).update(sent=True)
    sms().send(account, f"【松柏】验证码 {asked.code()}，5 分钟内有效。工作人员不会问您要验证码。")


@app.task(retry=RetryStrategy(max_attempts=4, wait=5))
def tell(account_id: int, words: str, phone: str = "") -> None:
    """Tell somebody something by text message, unless the account was closed.

    ``phone``: ciphertext in hex of a number that is told instead of the account's.
    """
    account = Account.objects.get(pk=account_id)
    if account.is_active:
        sms().send(account, f"【松柏】{words}", decrypt(bytes.fromhex(phone)) if phone else "")


@app.task(retry=RetryStrategy(max_attempts=4, wait=5))
def tell_asked(account_id: int, tail: str, until: str, path: str = "") -> None:
    """Tell the number that stands that relatives ask for another one, and how to say no: at
    ``path`` of the site without logging in.
    """
    moment = datetime.fromisoformat(until).astimezone(clock.SHANGHAI)
    day = f"{moment.month} 月 {moment.day} 日 {clock.shown(moment)}"
    sms().send(
        Account.objects.get(pk=account_id),
        f"【松柏】您的家人要把您的账号改用尾号 {tail} 的手机号登录，{day} 以后才改。"
        f"不是您要改的，请打开 {settings.SITE}{path or '/'} 点“不同意换号”，或打 12349。",
    )


@app.task(retry=RetryStrategy(max_attempts=4, wait=5))
def tell_numbers(former_id: int) -> None:
    """Tell the old number and the new one that the account changed hands from one to the other."""
    former = FormerNumber.objects.select_related("account").get(pk=former_id)
    if former.told_at is not None:
        return
    new = former.account.phone_number()
    end = "不是本人要改的，请马上打 12349。"
    changed = f"【松柏】您的账号改用尾号 {new[-4:]} 的手机号登录了。{end}"
    sms().send(former.account, changed, decrypt(former.phone))
    sms().send(former.account, f"【松柏】您的账号从现在起用这个手机号登录。{end}")
    FormerNumber.objects.filter(pk=former_id).update(told_at=clock.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="accounts.restore_web_role")
def restore_web_role(timestamp: int) -> None:  # noqa: ARG001
    """What somebody made the pages' role change of itself shuts nobody out for long."""
    web_role.restore()
