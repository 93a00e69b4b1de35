"""Instruments and answers as FHIR R4 Questionnaire and QuestionnaireResponse, out and in.

An option's coding carries its points (or its own code) and the ordinalValue extension; counts are
a group of integers; diagnoses are codings of ICD-10 where they are codes, and text elsewhere.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .answers import ICD, ImpossibleAnswers, Problem, checked, position, problems, written
from .instrument import Instrument
from .parts import FieldOfForm, Item

Json = dict[str, Any]
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
LOW, HIGH = (f"http://hl7.org/fhir/StructureDefinition/{end}Value" for end in ("min", "max"))
ICD_10 = "http://hl7.org/fhir/sid/icd-10"


class NotThisQuestionnaire(ValueError):
    """The resource is no QuestionnaireResponse of this instrument and version."""


def canonical(instrument: Instrument) -> str:
    """The URL by which a Questionnaire is known, without its version."""
    return f"urn:songbai:questionnaire:{instrument.code}"


def questionnaire(instrument: Instrument) -> Json:
    """The instrument as a Questionnaire resource."""
    return {
        "resourceType": "Questionnaire",
        "url": canonical(instrument),
        "identifier": [{"value": f"{instrument.standard}-{instrument.version}"}],
        "version": instrument.version,
        "name": instrument.code.replace("-", "_"),
        "title": instrument.title,
        "status": "retired" if instrument.retired else "active",
        "experimental": not instrument.verified,
        "subjectType": ["Patient"],
        "item": [
            *(
                {
                    "linkId": section.code,
                    "text": section.name,
                    "type": "group",
                    "item": [_question(instrument, item) for item in section.items],
                }
                for section in instrument.sections
            ),
            *(
                {
                    "linkId": f"table-{table.code}",
                    "text": table.name,
                    "type": "group",
                    "item": [_field(instrument, field) for field in table.fields],
                }
                for table in instrument.background
            ),
        ],
    }


def response(instrument: Instrument, answers: object) -> Json:
    """Checked answers as a completed QuestionnaireResponse. Raises ImpossibleAnswers."""
    given = checked(instrument, answers)
    groups = [
        {
            "linkId": section.code,
            "item": [
                {"linkId": item.code, "answer": [_answer(instrument, item, given[item.code])]}
                for item in section.items
            ],
        }
        for section in instrument.sections
    ]
    for table in instrument.background:
        entries = [
            _field_answer(instrument, field, given[field.code])
            for field in table.fields
            if given.get(field.code) is not None
        ]
        if entries:
            groups.append({"linkId": f"table-{table.code}", "item": entries})
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{canonical(instrument)}|{instrument.version}",
        "status": "completed",
        "item": groups,
    }


def answers(instrument: Instrument, resource: object) -> Json:
    """The answers a QuestionnaireResponse holds, checked.

    Raises NotThisQuestionnaire, ImpossibleAnswers naming every item at fault.
    """
    if not isinstance(resource, Mapping) or resource.get("resourceType") != "QuestionnaireResponse":
        raise NotThisQuestionnaire("这不是 FHIR R4 的 QuestionnaireResponse")
    known = canonical(instrument)
    named = str(resource.get("questionnaire"))
    if named not in {known, f"{known}|{instrument.version}"}:
        raise NotThisQuestionnaire(f"这份答卷属于 {named}，不是 {known}|{instrument.version}")
    found: Json = {}
    wrong: list[Problem] = []
    for link, entry in _entries(resource):
        if link in found:
            wrong.append(Problem(link, "填了两次"))
            continue
        try:
            if link in instrument.items:
                found[link] = _read(instrument.items[link], entry)
            elif link in instrument.fields:
                field = instrument.fields[link]
                found[link] = written(field, _read_field(field, entry))
            else:
                wrong.append(Problem(link, "量表里没有这一项"))
        except (KeyError, IndexError, TypeError, ValueError):
            wrong.append(Problem(link, "读不出答案"))
    told = {problem.item for problem in wrong}
    wrong += [problem for problem in problems(instrument, found) if problem.item not in told]
    if wrong:
        raise ImpossibleAnswers(wrong)
    return found


def _entries(resource: Mapping[str, Any]) -> Iterator[tuple[str, Json]]:
    """Answered items in all groups; a response may also leave the groups out."""
    waiting = [resource]
    while waiting:
        below = waiting.pop(0).get("item", [])
        for entry in below if isinstance(below, list) else ():
            if not isinstance(entry, dict):
                continue
            inner = entry.get("item")
            counts = bool(inner) and all("/" in str(one.get("linkId")) for one in _dicts(inner))
            if inner and not counts and "answer" not in entry:
                waiting.append(entry)
            else:
                yield str(entry.get("linkId")), entry


def _dicts(value: object) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _system(instrument: Instrument, code: str) -> str:
    return f"{canonical(instrument)}:{code}"


def _question(instrument: Instrument, item: Item) -> Json:
    base: Json = {
        "linkId": item.code,
        "prefix": item.code,
        "text": f"{item.name}：{item.scope}" if item.scope else item.name,
        "required": True,
    }
    if item.number:
        ends = ((LOW, item.number.low), (HIGH, item.number.high))
        limits = [{"url": url, "valueInteger": value} for url, value in ends]
        return {**base, "type": "integer", "extension": limits}
    options = [
        {
            "valueCoding": {
                "extension": [{"url": ORDINAL, "valueDecimal": option.points}],
                "system": _system(instrument, item.code),
                "code": option.code or str(option.points),
                "display": option.text,
            }
        }
        for option in item.options
    ]
    return {**base, "type": "choice", "answerOption": options}


def _field(instrument: Instrument, field: FieldOfForm) -> Json:
    base: Json = {"linkId": field.code, "prefix": field.code, "text": field.name}
    if field.kind == "counts":
        kinds = [
            {"linkId": f"{field.code}/{place}", "text": name, "type": "integer"}
            for place, name in enumerate(field.choices)
        ]
        return {**base, "type": "group", "item": kinds}
    plain = {"flag": "boolean", "text": "string", "number": "decimal"}
    if field.kind in plain:
        return {**base, "type": plain[field.kind]}
    many = {"repeats": True} if field.kind in {"many", "codes"} else {}
    if field.kind == "codes":
        named = [{"valueString": one.name} for one in field.listed]
        return {**base, **many, "type": "open-choice", "answerOption": named}
    options = [{"valueCoding": _choice(instrument, field, name)} for name in field.choices]
    return {**base, **many, "type": "choice", "answerOption": options}


def _choice(instrument: Instrument, field: FieldOfForm, name: str) -> Json:
    place = field.choices.index(name)
    return {"system": _system(instrument, field.code), "code": str(place), "display": name}


def _answer(instrument: Instrument, item: Item, value: Any) -> Json:
    if item.number:
        return {"valueInteger": value}
    place = position(item, value)
    assert place is not None  # noqa: S101  # answers were checked
    option = item.options[place]
    code = option.code or str(option.points)
    coding = {"system": _system(instrument, item.code), "code": code, "display": option.text}
    return {"valueCoding": coding}


def _field_answer(instrument: Instrument, field: FieldOfForm, value: Any) -> Json:
    entry: Json = {"linkId": field.code}
    if field.kind == "counts":
        kinds = [
            {"linkId": f"{field.code}/{place}", "answer": [{"valueInteger": value[name]}]}
            for place, name in enumerate(field.choices)
            if name in value
        ]
        return {**entry, "item": kinds}
    plain = {"flag": "valueBoolean", "text": "valueString", "number": "valueDecimal"}
    if field.kind in plain:
        return {**entry, "answer": [{plain[field.kind]: value}]}
    values = value if field.kind in {"many", "codes"} else [value]
    if field.kind == "codes":
        told = [
            {"valueCoding": {"system": ICD_10, "code": one}}
            if ICD.fullmatch(one)
            else {"valueString": one}
            for one in values
        ]
        return {**entry, "answer": told}
    return {
        **entry,
        "answer": [{"valueCoding": _choice(instrument, field, one)} for one in values],
    }


def _read(item: Item, entry: Json) -> int | str:
    [given] = entry["answer"]
    if item.number:
        return int(given["valueInteger"])
    code = str(given["valueCoding"]["code"])
    own = {option.code for option in item.options}
    return code if code in own else int(code)


def _read_field(field: FieldOfForm, entry: Json) -> Any:
    if field.kind == "counts":
        counts = {}
        for one in _dicts(entry.get("item")):
            place = int(str(one["linkId"]).rpartition("/")[2])
            counts[field.choices[place]] = one["answer"][0]["valueInteger"]
        return counts
    given = entry.get("answer") or []
    plain = {"flag": "valueBoolean", "text": "valueString", "number": "valueDecimal"}
    if field.kind in plain:
        [one] = given
        return one[plain[field.kind]]
    if field.kind == "codes":
        return [
            one["valueCoding"]["code"] if "valueCoding" in one else one["valueString"]
            for one in given
        ]
    names = [field.choices[int(one["valueCoding"]["code"])] for one in given]
    if field.kind == "many":
        return names
    [name] = names
    return name
