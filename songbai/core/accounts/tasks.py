"""What accounts have done in the background."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from .models import Account, LoginCode
from .sms import sms


@app.task(retry=RetryStrategy(max_attempts=4, wait=5))
def send_code(phone_index: str) -> None:
    """Send the code that was asked for a number, if an account has it.

    Runs for every number, so that the page which asked takes the same time for all.
    """
    asked = LoginCode.objects.filter(phone_index=bytes.fromhex(phone_index)).first()
    account = Account.objects.filter(phone_index=bytes.fromhex(phone_index), is_active=True).first()
    if asked is None or account is None or not asked.code():
        return
    sms().send(account, f"【松柏】验证码 {asked.code()}，5 分钟内有效。工作人员不会问您要验证码。")
