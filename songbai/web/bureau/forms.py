"""What an officer types or chooses."""

from __future__ import annotations

from django import forms

from songbai.domain.orders.rules import PAYER_WORDS, OrderState
from songbai.domain.visits.queries.lists import SHOW_WORDS
from songbai.domain.visits.rules import DOUBT_WORDS
from songbai.web.templatetags.songbai import status_of

ANY = ("", "不限")
FIELDS = (("id_number", "身份证号"), ("phone", "电话"), ("address", "住址"))
PURPOSES = ("核对身份", "核对待遇", "办理投诉", "走访探视", "紧急联系", "其他")


def order_states() -> list[tuple[str, str]]:
    """States of an order in the words of the vocabulary."""
    return [(state.value, status_of("order", state.value).label) for state in OrderState]


class OrderFilterForm(forms.Form):
    """The filter bar of the orders; a value that is none of the choices does not restrict."""

    show = forms.ChoiceField(
        label="名单", required=False, choices=[ANY, *((s.value, w) for s, w in SHOW_WORDS.items())]
    )
    state = forms.ChoiceField(label="状态", required=False, choices=lambda: [ANY, *order_states()])
    payer = forms.ChoiceField(
        label="谁付钱",
        required=False,
        choices=[ANY, *((p.value, w) for p, w in PAYER_WORDS.items())],
    )
    doubt = forms.ChoiceField(
        label="疑点", required=False, choices=[ANY, *((d.value, w) for d, w in DOUBT_WORDS.items())]
    )

    def chosen(self, name: str) -> str:
        """A valid choice, else ""."""
        self.is_valid()
        return str(self.cleaned_data.get(name, ""))


class ReadFilterForm(forms.Form):
    """The filter bar of the reading log."""

    q = forms.CharField(label="用途", required=False, max_length=60)
    reader = forms.CharField(label="谁查的", required=False, max_length=40)
    day = forms.DateField(
        label="哪一天", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    person = forms.IntegerField(label="老人编号", required=False, min_value=1)


class ShowPlainForm(forms.Form):
    """Which field of a record to show in full, and what for."""

    field = forms.ChoiceField(
        label="看哪一项", choices=FIELDS, error_messages={"required": "请选一项。"}
    )
    purpose = forms.ChoiceField(
        label="用途",
        choices=[(one, one) for one in PURPOSES],
        error_messages={"required": "请选用途。"},
    )
    why = forms.CharField(
        label="具体事由",
        min_length=4,
        max_length=50,
        error_messages={
            "required": "请写明事由，至少 4 个字，例如“核对 11 月额度”。",
            "min_length": "事由太短，请写至少 4 个字。",
            "max_length": "事由太长，请写在 50 个字以内。",
        },
    )
