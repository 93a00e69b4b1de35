"""What an officer types about assessment bodies and assessors."""

from __future__ import annotations

import re

from django import forms

from ..assessing import askable, name_of

_REQUIRED = "请填这一项。"
_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")


class BodyForm(forms.Form):
    """A body to be designated."""

    name = forms.CharField(label="名称", max_length=60, error_messages={"required": _REQUIRED})
    uscc = forms.CharField(
        label="统一社会信用代码", max_length=18, error_messages={"required": _REQUIRED}
    )
    phone = forms.CharField(label="电话（可以不填）", max_length=20, required=False)
    capacity = forms.IntegerField(
        label="每月能评多少人",
        min_value=1,
        max_value=100_000,
        error_messages={"required": _REQUIRED, "invalid": "请写整数。"},
    )
    instruments = forms.MultipleChoiceField(
        label="能做哪些评估",
        choices=lambda: [(one.code, name_of(one)) for one in askable()],
        error_messages={"required": "请至少选一种。", "invalid_choice": "请从列表里选。"},
    )

    def clean_uscc(self) -> str:
        """Eighteen characters without I, O, S, V and Z."""
        number: str = self.cleaned_data["uscc"].strip().upper()
        if not _USCC.fullmatch(number):
            raise forms.ValidationError("统一社会信用代码是 18 位数字和大写字母，请核对。")
        return number


class AssessorForm(forms.Form):
    """An assessor of a body, with the certificate."""

    name = forms.CharField(label="姓名", max_length=40, error_messages={"required": _REQUIRED})
    number = forms.CharField(
        label="评估员编号", max_length=20, error_messages={"required": _REQUIRED}
    )
    certificate = forms.CharField(
        label="证书", max_length=40, error_messages={"required": _REQUIRED}
    )
    until = forms.DateField(
        label="证书到哪天",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "请填日期。", "invalid": "请填日期。"},
    )
    medical = forms.BooleanField(label="有医疗或护理背景", required=False)


class RenewalForm(forms.Form):
    """A new certificate of an assessor."""

    certificate = forms.CharField(
        label="证书", max_length=40, error_messages={"required": "请填新证书的名称。"}
    )
    until = forms.DateField(
        label="新证书到哪天", error_messages={"required": "请填日期。", "invalid": "请填日期。"}
    )
