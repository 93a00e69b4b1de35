"""Another rule on real people: set a policy's numbers otherwise, see whom it would cost what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from songbai.core.errors import UnknownRegion
from songbai.core.regions.models import Region
from songbai.core.regions.queries import children, region
from songbai.core.regions.rules import DIGITS, Level, level_of
from songbai.domain.benefits.models import Snapshot
from songbai.domain.benefits.population.what_if import BANDS, UNKNOWN, Effect, Figures
from songbai.domain.benefits.queries.cycles import policies_of
from songbai.domain.benefits.queries.what_if import effect, frozen_prefix, snapshots
from songbai.domain.benefits.rules.facts import yuan
from songbai.domain.benefits.rules.levers import Lever, Setting, Shape, WrongSetting, levers
from songbai.domain.benefits.rules.policy import Policy
from songbai.domain.benefits.rules.vocabulary import vocabulary
from songbai.web.frames.bureau import Place, page, place_of
from songbai.web.views import Actor, HttpRequest, HttpResponse, door, whole_number

#: From here on money is said in ten thousands.
WAN = 1_000_000


@dataclass(frozen=True)
class Field:
    """One lever in the form: what stands in it (boxes with their code, words and whether they are
    ticked), and whether that is another setting.
    """

    lever: Lever
    typed: str
    choices: tuple[tuple[str, str, bool], ...]
    changed: bool
    problem: str = ""

    @property
    def now(self) -> str:
        """What holds now, in words."""
        if self.lever.shape is Shape.REGIONS and isinstance(self.lever.now, tuple):
            return "、".join(map(place_name, self.lever.now))
        return self.lever.says(self.lever.now)


@dataclass(frozen=True)
class Form:
    """What was asked: the fields, and the settings of those that can be read."""

    fields: tuple[Field, ...]
    settings: Mapping[str, Setting]

    @property
    def groups(self) -> list[tuple[str, list[Field]]]:
        """Fields under their headings: who, where, how much."""
        found: dict[str, list[Field]] = {"条件": [], "金额": [], "地区": []}
        for field in self.fields:
            found[_heading(field.lever)].append(field)
        return [(heading, fields) for heading, fields in found.items() if fields]

    @property
    def errors(self) -> list[dict[str, str]]:
        """What cannot be, for the list above the form."""
        return [{"field": f.lever.id, "message": f.problem} for f in self.fields if f.problem]

    @property
    def changes(self) -> list[str]:
        """每人每月：200 元改成 250 元."""
        return [
            f"{f.lever.label}：{f.now} → {self._says(f)}"
            for f in self.fields
            if f.changed and not f.problem
        ]

    def _says(self, field: Field) -> str:
        if field.choices:
            return "、".join(words for _, words, ticked in field.choices if ticked)
        return field.lever.says(self.settings[field.lever.id])


def form_of(policy: Policy, snapshot: Snapshot, asked: QueryDict, *, sent: bool) -> Form:
    """The form as it was sent, or with what holds now."""
    fields, settings = [], {}
    for lever in levers(policy):
        typed = asked.getlist(lever.id) if sent else _standing(lever)
        problem = ""
        setting = lever.now
        try:
            setting = lever.read(typed)
            settings[lever.id] = setting
        except WrongSetting as error:
            problem = str(error)
        fields.append(
            Field(
                lever,
                typed[0] if typed else "",
                tuple((code, words, code in typed) for code, words in _boxes(lever, snapshot)),
                setting != lever.now,
                problem,
            )
        )
    return Form(tuple(fields), settings)


def _standing(lever: Lever) -> list[str]:
    return list(lever.now) if isinstance(lever.now, tuple) else [lever.show(lever.now)]


def _boxes(lever: Lever, snapshot: Snapshot) -> list[tuple[str, str]]:
    """The boxes of a lever; for divisions what was frozen, its parts, and those that stand."""
    if lever.shape is not Shape.REGIONS:
        return list(lever.choices)
    frozen = frozen_prefix(snapshot)
    level = level_below(level_of(snapshot.region_id))
    codes = [frozen, *(part.code[: DIGITS[level]] for part in children(frozen, level))]
    standing = lever.now if isinstance(lever.now, tuple) else ()
    return [(code, place_name(code)) for code in dict.fromkeys([*standing, *codes])]


def level_below(level: Level) -> Level:
    """The level a division is broken down by: at least by district."""
    return Level(min(max(level + 1, Level.DISTRICT), Level.VILLAGE))


def parts_of(place: Place) -> tuple[int, tuple[Region, ...]]:
    """Digits of the codes of a place's parts, and the parts."""
    level = level_below(Level(place.region.level))
    return DIGITS[level], children(place.prefix, level)


def place_name(code: str) -> str:
    """The name of a division; its code where nobody knows it."""
    try:
        return region(code).name
    except UnknownRegion:
        return code


def _heading(lever: Lever) -> str:
    if lever.shape is Shape.REGIONS:
        return "地区"
    return "金额" if lever.id == "cap" or lever.id.startswith("amount-") else "条件"


def money_words(fen: int) -> str:
    """Fen as an officer says them: 1,250.50 元, 27.70 万元."""
    if abs(fen) < WAN:
        return yuan(abs(fen))
    tenths = (abs(fen) + WAN // 200) * 100 // WAN
    return f"{tenths // 100:,}.{tenths % 100:02d} 万元"


def answer(effect: Effect) -> str:
    """The answer in one plain sentence."""
    whole = effect.whole
    if not whole.touched and whole.open_before == whole.open_after:
        return "这样改，谁的钱都不变。"
    people = [
        f"{count:,} 人{words}"
        for count, words in (
            (whole.gained, "新领到"),
            (whole.lost, "不再领"),
            (whole.more, "领得更多"),
            (whole.less, "领得更少"),
        )
        if count
    ]
    said = "，".join(people) if people else "领的人和钱都不变"
    return f"{said}；{_cost('每月', whole.fen)}，{_cost('一年', whole.year)}。"


def _cost(when: str, fen: int) -> str:
    if not fen:
        return f"{when}花的钱不变"
    return f"{when}{'多' if fen > 0 else '少'}花 {money_words(fen)}"


#: A breakdown: its key, how its chart and its table are called, and its rows with their names.
Table = tuple[str, str, str, list[tuple[str, Figures]]]


def tables_of(effect: Effect, place: Place) -> list[Table]:
    """By part of the place, by age, by class; each adds up to the whole."""
    parts = {one.code: one.name for one in parts_of(place)[1]}
    kind = vocabulary("elder")["hardship"]
    classes = {number: kind.words[code] for code, number in kind.codes.items()}
    places = [(parts.get(code, "没有分到下一级"), f) for code, f in effect.by_place.items()]
    places.sort(key=lambda row: -row[1].year)
    ages = [(band_words(band), figures) for band, figures in effect.by_age.items()]
    poor = [(classes.get(n, "不知道"), figures) for n, figures in effect.by_class.items()]
    return [
        ("place", "各地一年相差的钱", "地方", places),
        ("age", "各年龄的人", "年龄", ages),
        ("class", "各类经济状况的人", "经济状况", poor),
    ]


def band_words(band: int) -> str:
    """65–69 岁."""
    if band == UNKNOWN:
        return "不知道"
    if band == 0:
        return f"不满 {BANDS[0]} 岁"
    return f"{band} 岁以上" if band == BANDS[-1] else f"{band}–{band + 4} 岁"


def drawings(tables: list[Table]) -> dict[str, Any]:
    """What the script draws: names with people by what changes, and yuan of a year."""
    drawn = "gained", "lost", "more", "less"
    return {
        key: {
            "names": [name for name, _ in rows],
            **{what: [getattr(figures, what) for _, figures in rows] for what in drawn},
            "year": [round(figures.year / 100) for _, figures in rows],
        }
        for key, _, _, rows in tables
    }


@door("bureau", "benefits/what-if/")
def what_if(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The form, and the answer when it was sent; nothing is written."""
    frozen = snapshots(actor)
    if not frozen:
        return page(request, "what_if", "what_if", frozen=[])
    snapshot = _chosen(frozen, request.GET.get("snapshot", ""))
    policies = [one for one in policies_of(snapshot) if _is_law(one, snapshot)]
    policy = next((p for p in policies if p.code == request.GET.get("policy")), policies[0])
    place = _place(actor, snapshot, request.GET.get("region", ""))
    form = form_of(policy, snapshot, request.GET, sent="go" in request.GET)
    found = None
    if "go" in request.GET and not form.errors:
        digits, _ = parts_of(place)
        found = effect(actor, snapshot, policy, form.settings, place.prefix, digits)
    tables = tables_of(found, place) if found else []
    return page(
        request,
        "what_if",
        "what_if",
        status=422 if form.errors else 200,
        frozen=frozen,
        snapshot=snapshot,
        policies=policies,
        policy=policy,
        place=place,
        places=_places(actor, snapshot),
        form=form,
        errors=form.errors,
        effect=found,
        answer=answer(found) if found else "",
        others=_others(policies, found),
        tables=tables,
        drawings=drawings(tables),
    )


def _is_law(policy: Policy, snapshot: Snapshot) -> bool:
    """Whether a policy is for elders of what was frozen."""
    inside = frozen_prefix(snapshot)
    there = any(code.startswith(inside) or inside.startswith(code) for code in policy.regions)
    return policy.subject == "elder" and there


def _chosen(frozen: list[Snapshot], asked: str) -> Snapshot:
    number = whole_number(asked)
    return next((one for one in frozen if one.pk == number), frozen[0])


def _place(actor: Actor, snapshot: Snapshot, asked: str) -> Place:
    """The division asked for; without one the smaller of the scope and what was frozen."""
    if asked:
        return place_of(actor, asked)
    home = place_of(actor)
    inside = frozen_prefix(snapshot)
    return place_of(actor, snapshot.region_id) if inside.startswith(home.prefix) else home


def _places(actor: Actor, snapshot: Snapshot) -> list[Place]:
    """What can be chosen: the widest place and its parts."""
    widest = _place(actor, snapshot, "")
    return [widest, *(place_of(actor, part.code) for part in parts_of(widest)[1])]


def _others(policies: list[Policy], found: Effect | None) -> list[tuple[str, Figures]]:
    """Benefits of the same groups for which something changes."""
    names = {policy.code: policy.name for policy in policies}
    given = found.others if found else {}
    return [(names[code], one) for code, one in given.items() if one.touched or one.fen]
