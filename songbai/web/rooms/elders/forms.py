"""What an officer types or chooses about elders."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import cast

from django import forms

from songbai.core.reasons import SHORTEST, check
from songbai.domain.elders.queries.figures import Group
from songbai.domain.elders.queries.finding import Wanted
from songbai.domain.elders.rules import ABILITY_WORDS, HardshipClass, LivingSituation
from songbai.domain.elders.rules.family import Invitation
from songbai.web.asked import DayField
from songbai.web.frames.bureau.shell import ANY

FIELDS = (("id_number", "身份证号"), ("phone", "电话"), ("address", "住址"))
PURPOSES = ("核对身份", "核对待遇", "办理投诉", "走访探视", "紧急联系", "其他")
#: Youngest and oldest age of a band.
AGE_BANDS = {
    "": (60, None), "60": (60, 69), "70": (70, 79), "80": (80, None), "90": (90, None),
    "100": (100, None),
}  # fmt: skip


class RegisterForm(forms.Form):
    """The filter bar of the register; a value that is none of the choices does not restrict."""

    q = forms.CharField(label="找人", required=False, max_length=40)
    age = forms.ChoiceField(
        label="年龄",
        required=False,
        choices=[
            ("", "60 岁以上"), ("60", "60–69 岁"), ("70", "70–79 岁"), ("80", "80 岁以上"),
            ("90", "90 岁以上"), ("100", "100 岁以上"),
        ],
    )  # fmt: skip
    sex = forms.ChoiceField(label="性别", required=False, choices=[ANY, ("f", "女"), ("m", "男")])
    hardship = forms.ChoiceField(
        label="经济状况",
        required=False,
        choices=[ANY, *(one for one in HardshipClass.choices() if one[1])],
    )
    living = forms.ChoiceField(
        label="居住",
        required=False,
        choices=[ANY, *LivingSituation.choices()],
    )
    ability = forms.ChoiceField(
        label="能力",
        required=False,
        choices=[ANY, *((str(level), word) for level, word in ABILITY_WORDS.items())],
    )
    special = forms.BooleanField(label="计生特殊家庭", required=False)

    def wanted(self, region: str) -> Wanted:
        """What to look for in a division; what is not a choice is left out."""
        self.is_valid()
        given = self.cleaned_data
        ability = given.get("ability", "")
        return Wanted(
            region=region,
            words=given.get("q", ""),
            ages=AGE_BANDS[given.get("age", "")],
            sex=given.get("sex", ""),
            hardship=given.get("hardship", ""),
            living=given.get("living", ""),
            ability=int(ability) if ability else None,
            special_family=given.get("special", False),
        )

    def words(self) -> list[str]:
        """What was chosen, in words: 80 岁以上, 独居."""
        self.is_valid()
        chosen = []
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            if isinstance(field, forms.ChoiceField) and (value or name == "age"):
                choices = cast("Iterable[tuple[str, str]]", field.choices)
                chosen.append(dict(choices)[value or ""])
        return [*chosen, "计生特殊家庭"] if self.cleaned_data.get("special") else chosen


class MapForm(forms.Form):
    """Whose homes the map shows."""

    age = forms.ChoiceField(
        label="年龄",
        required=False,
        choices=[
            ("", "60 岁以上"),
            ("80", "80 岁以上"),
            ("90", "90 岁以上"),
            ("100", "100 岁以上"),
        ],
    )
    hardship = RegisterForm.base_fields["hardship"]
    living = RegisterForm.base_fields["living"]

    def band(self) -> str:
        """The age band chosen, as the register's filter bar names it."""
        self.is_valid()
        return str(self.cleaned_data.get("age", ""))

    def group(self) -> Group:
        """The part of the elders meant."""
        band, given = self.band(), self.cleaned_data
        return Group(int(band or 60), given.get("hardship", ""), given.get("living", ""))


class AsKnownForm(forms.Form):
    """As of which day to look, and what was known on which day; empty means today."""

    day = DayField(label="哪一天的情况", required=False)
    known = DayField(label="当时知道的", required=False)

    def chosen(self, name: str) -> date | None:
        """The day typed; None when there is none or it is not a day."""
        self.is_valid()
        found: date | None = self.cleaned_data.get(name)
        return found


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
        min_length=SHORTEST,
        max_length=50,
        validators=[check],
        error_messages={
            "required": "请写明事由，至少 4 个字，例如“核对 11 月额度”。",
            "min_length": "事由太短，请写至少 4 个字。",
            "max_length": "事由太长，请写在 50 个字以内。",
        },
    )


def invited(sent: Mapping[str, str], spans: Collection[str]) -> Invitation:
    """Who may act for an elder, as typed; 0 days for none of the spans that are offered."""
    days = sent.get("days", "")
    return Invitation(
        sent.get("name", "").strip(),
        sent.get("phone", "").strip(),
        sent.get("relation", ""),
        order=sent.get("order") == "1",
        money=sent.get("money") == "1",
        days=int(days) if days in spans else 0,
    )
