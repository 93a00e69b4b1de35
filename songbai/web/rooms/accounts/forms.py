"""What people type to log in."""

from django import forms


class PhoneForm(forms.Form):
    """Family: the phone number a code is sent to."""

    phone = forms.RegexField(
        r"^1\d{10}$",
        strip=True,
        error_messages={
            "required": "请填手机号。",
            "invalid": "手机号是 1 开头的 11 位数字，请核对。",
        },
    )


class CodeForm(forms.Form):
    """Family: the six digits of the message."""

    code = forms.RegexField(
        r"^\d{6}$",
        strip=True,
        error_messages={"required": "请填短信里的 6 位数字。", "invalid": "验证码是 6 位数字。"},
    )


class StaffForm(forms.Form):
    """Staff: account (the phone number), password, and the code of the authenticator app."""

    username = forms.CharField(max_length=20, error_messages={"required": "请填账号。"})
    password = forms.CharField(
        max_length=200, strip=False, error_messages={"required": "请填密码。"}
    )
    token = forms.RegexField(
        r"^\d{6}$",
        strip=True,
        error_messages={"required": "请填动态码。", "invalid": "动态码是 6 位数字。"},
    )


def problems(form: forms.Form) -> list[dict[str, str]]:
    """The form's errors as the error template wants them."""
    return [
        {"field": field, "message": str(message)}
        for field, messages in form.errors.items()
        for message in messages
    ]
