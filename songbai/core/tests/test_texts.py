"""One stored form for each kind of text, and refusals that point at the character."""

import pytest
from django.apps import apps
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from songbai.core import texts
from songbai.core.texts_fields import FormedField

DOTS = "·•・．.‧∙●⋅"
PART = st.text("买提艾力吐尔逊古丽", min_size=2, max_size=4)


@given(st.lists(PART, min_size=2, max_size=3), st.data())
def test_a_long_name_has_one_form_whatever_stands_between_its_parts(
    parts: list[str], data: st.DataObject
) -> None:
    between = st.sampled_from([*DOTS, *(f" {dot} " for dot in DOTS)])
    written = "".join(part + data.draw(between) for part in parts)
    assert texts.person_name(written) == "·".join(parts)


@pytest.mark.parametrize("written", ["买买提·艾力", "买买提.艾力", "买买提 艾力", "买买提•艾力 "])
def test_writings_of_one_name_are_stored_alike(written: str) -> None:
    assert texts.person_name(written) == "买买提·艾力"


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("王 桂 英", "王桂英"),
        ("欧阳 建国", "欧阳建国"),
        (" 王\u3000英", "王英"),
        ("John  Smith", "John Smith"),
    ],
)
def test_blanks_of_short_names_only_space(written: str, stored: str) -> None:
    assert texts.person_name(written) == stored


WRONG = st.characters(categories=["So", "Nd", "Co", "Ps"], exclude_characters=DOTS)


@given(st.text("王桂英Ab", max_size=6), WRONG)
def test_a_refused_name_says_which_character_and_where(name: str, wrong: str) -> None:
    with pytest.raises(texts.WrongText, match=f"第 {len(name) + 2} 个字符"):
        texts.person_name(f"王{name}{wrong}")


@pytest.mark.parametrize("radical", "⻢⾦⺠⽊")
def test_a_radical_that_looks_like_a_character_is_named(radical: str) -> None:
    with pytest.raises(texts.WrongText, match=f"第 2 个字符“{radical}”是部首"):
        texts.person_name(f"小{radical}")


@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "+86 138-0013 8000",
        "8613800138000",
        "１３８００１３８０００",
        "(138)0013 8000",
    ],
)
def test_writings_of_one_telephone_number_are_stored_alike(written: str) -> None:
    assert texts.phone(written) == texts.mobile(written) == "13800138000"


def test_a_letter_in_a_number_is_named_with_its_place() -> None:
    with pytest.raises(texts.WrongText, match="第 6 个字符“l”"):
        texts.phone("13800l38000")
    with pytest.raises(texts.WrongText, match="现在有 10 位"):
        texts.mobile("1380013800")


@pytest.mark.parametrize("code", ["91110000600037341L", "N2500151MA5UXYW231"])
def test_companies_and_village_collectives_have_credit_codes(code: str) -> None:
    assert texts.is_credit_code(code)
    assert texts.credit_code(f" {code[:8].lower()}-{code[8:]}") == code
    other = "0" if code[-1] != "0" else "1"
    assert not texts.is_credit_code(code[:-1] + other)
    with pytest.raises(texts.WrongText, match="校验位"):
        texts.credit_code(code[:-1] + other)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("", "现在有 0 位"),
        ("9111000060003734", "现在有 16 位"),
        ("9111000060003734IL", "第 17 个字符“I”"),
        ("9111 0000 6000 3734 OL", "第 21 个字符“O”"),
    ],
)
def test_what_is_no_credit_code_is_told(code: str, told: str) -> None:
    assert not texts.is_credit_code(texts.code(code))
    with pytest.raises(texts.WrongText, match=told):
        texts.credit_code(code)


def test_a_code_of_digits_is_read_however_it_is_typed() -> None:
    assert texts.digits("１２３ 456", 6, "验证码") == "123456"
    with pytest.raises(texts.WrongText, match="验证码第 2 个字符“l”"):
        texts.digits("1l3456", 6, "验证码")


@pytest.mark.parametrize("form", texts.FORMS, ids=str)
@given(text=st.text(max_size=20))
def test_what_is_stored_is_its_own_stored_form(form: str, text: str) -> None:
    once = texts.FORMS[form](text)
    assert texts.FORMS[form](once) == once


#: Names of things, and names as they stood when somebody signed.
NO_PERSON = {"benefits", "catalogue", "careplans", "exports", "files", "ledger", "regions"}
WRITTEN = {"name", "legal_person", "phone", "address", "uscc", "plate"}
#: Masked names, and names of other things.
MASKED = {"feeds.UnmatchedRow.name", "visits.VisitStep.name"}


@pytest.mark.parametrize(
    "field",
    [
        pytest.param(field, id=f"{model._meta.label}.{field.name}")
        for model in apps.get_models()
        if model.__module__.startswith("songbai") and model._meta.app_label not in NO_PERSON
        for field in model._meta.local_concrete_fields
        if type(field) in {models.CharField, FormedField} and field.name in WRITTEN
        if f"{model._meta.label}.{field.name}" not in MASKED
    ],
)
def test_every_column_of_such_text_stores_one_form(field: "models.Field[object, object]") -> None:
    assert isinstance(field, FormedField)
