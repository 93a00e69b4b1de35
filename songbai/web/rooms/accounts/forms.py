"""What people type to log in."""

from django import forms

from songbai.core import texts
from songbai.web.asked import FormedText


class PhoneForm(forms.Form):
    """Family: the phone number a code is sent to."""

    phone = FormedText(
        form=texts.mobile, max_length=30, error_messages={"required": "请填手机号。"}
    )


class CodeForm(forms.Form):
    """Family: the six digits of the message."""

    code = FormedText(
        form=lambda text: texts.digits(text, 6, "验证码"),
        max_length=20,
        error_messages={"required": "请填短信里的 6 位数字。"},
    )


class StaffForm(forms.Form):
    """Staff: account (the phone number), password, and the code of the authenticator app."""

    username = forms.CharField(max_length=20, error_messages={"required": "请填账号。"})
    password = forms.CharField(
        max_length=200, strip=False, error_messages={"required": "请填密码。"}
    )
    token = FormedText(
        form=lambda text: texts.digits(text, 6, "动态码"),
        max_length=20,
        error_messages={"required": "请填动态码。"},
    )


def problems(form: forms.Form) -> list[dict[str, str]]:
    """The form's errors as the error template wants them."""
    return [
        {"field": field, "message": str(message)}
        for field, messages in form.errors.items()
        for message in messages
    ]
