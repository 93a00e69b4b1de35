"""What an officer asks of the reading log."""

from django import forms

from songbai.core.accounts.registry import roles
from songbai.core.audit.registry import read_fields
from songbai.web.asked import DayField
from songbai.web.frames.bureau.shell import ANY
from songbai.web.plugs import pages


class ReadFilterForm(forms.Form):
    """The filter bar of the reading log."""

    q = forms.CharField(label="用途", required=False, max_length=60)
    reader = forms.CharField(label="谁查的", required=False, max_length=40)
    day = DayField(label="哪一天", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    person = forms.IntegerField(label="老人编号", required=False, min_value=1)
    field = forms.ChoiceField(
        label="看了哪项", required=False, choices=lambda: [ANY, *read_fields()]
    )
    role = forms.ChoiceField(
        label="什么身份",
        required=False,
        choices=lambda: [ANY, *((role, role.words) for role in roles())],
    )
    where = forms.ChoiceField(
        label="在哪一页", required=False, choices=lambda: [ANY, *pages().items()]
    )
