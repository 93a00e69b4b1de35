"""What happens to a person's record on the way through an office: the damage model.

Slips are made here the way they come about (the next character of the input method, the neighbour
in the dictionary of shapes, the lunar birthday), from tables of their own: nothing is shared with
the matcher that is measured against them. Homophones are neighbours in GB 2312 level 1, which is
sorted by sound; look-alikes are neighbours in Unicode, which is sorted by radical and strokes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from bench.matching.crowd import Crowd, Somebody

#: Old forms as they stand in handwritten registers.
OLD_FORMS = {
    "国": "國",
    "华": "華",
    "兰": "蘭",
    "凤": "鳳",
    "莲": "蓮",
    "荣": "榮",
    "贵": "貴",
    "银": "銀",
    "万": "萬",
    "云": "雲",
    "学": "學",
    "义": "義",
    "发": "發",
    "龙": "龍",
    "伦": "倫",
    "刘": "劉",
    "陈": "陳",
    "张": "張",
    "杨": "楊",
    "赵": "趙",
    "吴": "吳",
    "孙": "孫",
    "罗": "羅",
    "邓": "鄧",
    "萧": "肖",
    "肖": "萧",
    "谢": "謝",
    "韩": "韓",
    "冯": "馮",
    "叶": "葉",
    "闫": "阎",
    "德": "徳",
    "群": "羣",
    "峰": "峯",
    "静": "靜",
    "丽": "麗",
    "琼": "瓊",
    "珍": "珎",
    "强": "強",
    "礼": "禮",
}


@dataclass(frozen=True)
class Mix:
    """How often each slip happens to a row; shares of one. ``sloppy`` rows come from an office
    where every slip is ``worse`` times as frequent."""

    no_number: float = 0.12
    wrong_number: float = 0.03
    spouse_number: float = 0.002
    old_number: float = 0.05
    homophone: float = 0.02
    look_alike: float = 0.01
    old_form: float = 0.02
    name_turned: float = 0.004
    name_short: float = 0.006
    other_name: float = 0.002
    birth_slip: float = 0.015
    birth_turned: float = 0.006
    birth_lunar: float = 0.02
    birth_year: float = 0.01
    no_birth: float = 0.02
    wrong_sex: float = 0.003
    no_sex: float = 0.03
    moved_near: float = 0.03
    moved_far: float = 0.01
    only_town: float = 0.05
    new_phone: float = 0.2
    no_phone: float = 0.3
    new_address: float = 0.05
    no_address: float = 0.3
    sloppy: float = 0.2
    worse: float = 3.0
    strangers: float = 0.12


#: The mix the weights were estimated on, and another one to be measured on.
ESTIMATED_ON = Mix()
MEASURED_ON = Mix(
    no_number=0.25,
    wrong_number=0.05,
    homophone=0.035,
    look_alike=0.006,
    old_form=0.04,
    name_turned=0.008,
    name_short=0.003,
    birth_slip=0.02,
    birth_turned=0.012,
    birth_lunar=0.03,
    moved_near=0.06,
    new_phone=0.35,
    no_phone=0.2,
    sloppy=0.3,
    worse=2.0,
    strangers=0.2,
)


@dataclass(frozen=True, slots=True)
class Damaged:
    """A row as it arrives. ``truth`` is the person, ``known`` whether the register has them."""

    truth: int
    known: bool
    name: str
    sex: str
    birth_date: date | None
    region: str
    id_number: str
    phone: str
    address: str


def damaged(seed: int, people: Crowd, mix: Mix, rows: int) -> list[Damaged]:
    """Rows of a feed about people of the register and about others who resemble them."""
    rng = np.random.default_rng([seed, 11])
    at_home = rng.integers(len(people.register), size=rows)
    strange = rng.random(rows) < mix.strangers
    outside = rng.integers(len(people.outsiders), size=rows)
    households: dict[int, list[Somebody]] = {}
    for person in people.register:
        households.setdefault(person.household, []).append(person)
    clerk = _Clerk(rng, mix, households, [person.region for person in people.register[::97]])
    return [
        clerk.row(people.outsiders[int(out)], known=False)
        if stranger
        else clerk.row(people.register[int(home)], known=True)
        for home, out, stranger in zip(at_home, outside, strange, strict=True)
    ]


class _Clerk:
    """Somebody at a keyboard."""

    def __init__(
        self,
        rng: np.random.Generator,
        mix: Mix,
        households: dict[int, list[Somebody]],
        regions: list[str],
    ) -> None:
        self.rng, self.mix, self.households, self.regions = rng, mix, households, regions
        self.factor = 1.0

    def happens(self, share: float) -> bool:
        return bool(self.rng.random() < share * self.factor)

    def row(self, person: Somebody, *, known: bool) -> Damaged:
        self.factor = self.mix.worse if self.rng.random() < self.mix.sloppy else 1.0
        name = self.name(person.name)
        born = self.birth(person.birth_date)
        mix = self.mix
        sex = person.sex
        if self.happens(mix.wrong_sex):
            sex = "f" if sex == "m" else "m"
        if self.happens(mix.no_sex):
            sex = ""
        phone = person.phone
        if self.happens(mix.new_phone):
            phone = f"120{int(self.rng.integers(10**8)):08d}"
        if self.happens(mix.no_phone):
            phone = ""
        address = person.address
        if self.happens(mix.new_address):
            address = f"安置小区{int(self.rng.integers(1, 40))}栋{int(self.rng.integers(1, 30))}号"
        elif self.happens(0.2):
            address = address.replace("号", " ", 1).replace("幢", "栋")
        if self.happens(mix.no_address):
            address = ""
        return Damaged(
            person.person,
            known,
            name,
            sex,
            born,
            self.region(person.region),
            self.number(person),
            phone,
            address,
        )

    # --- numbers -----------------------------------------------------------------------------

    def number(self, person: Somebody) -> str:
        number, mix = person.id_number, self.mix
        if self.happens(mix.no_number):
            return ""
        if self.happens(mix.spouse_number):
            others = [p for p in self.households.get(person.household, []) if p != person]
            if others:
                return others[int(self.rng.integers(len(others)))].id_number
        if self.happens(mix.wrong_number):
            return self.slipped(number)
        if self.happens(mix.old_number) and number[6:8] == "19":
            return number[:6] + number[8:17]
        return number.lower() if self.happens(0.1) else number

    def slipped(self, text: str) -> str:
        at = int(self.rng.integers(len(text) - 1))
        kind = self.rng.random()
        if kind < 0.3:
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        if kind < 0.9:
            return text[:at] + str(int(self.rng.integers(10))) + text[at + 1 :]
        return text[:at] + text[at + 1 :]

    # --- names -------------------------------------------------------------------------------

    def name(self, name: str) -> str:
        mix = self.mix
        slips: tuple[tuple[float, Callable[[str], str]], ...] = (
            (mix.other_name, self.called),
            (mix.homophone, lambda n: self.one_changed(n, self.homophone)),
            (mix.look_alike, lambda n: self.one_changed(n, self.look_alike)),
            (mix.old_form, lambda n: "".join(OLD_FORMS.get(c, c) for c in n)),
            (mix.name_turned, lambda n: n[1:] + n[0]),
            (mix.name_short, self.shortened),
            (0.01, lambda n: f"{n[0]} {n[1:]}"),
        )
        for share, slip in slips:
            if self.happens(share):
                name = slip(name)
        return name

    def called(self, name: str) -> str:
        """What the neighbours call somebody."""
        return name[0] + "".join(self.rng.permutation(list("家老幺大二三"))[:2])

    def one_changed(self, name: str, change: Callable[[str], str]) -> str:
        at = int(self.rng.integers(len(name)))
        return name[:at] + change(name[at]) + name[at + 1 :]

    def homophone(self, character: str) -> str:
        """A near neighbour in GB 2312 level 1: mostly the same sound, sometimes the next one."""
        try:
            high, low = character.encode("gb2312")
        except (UnicodeEncodeError, ValueError):
            return character
        place = (high - 0xB0) * 94 + low - 0xA1
        if not 0 <= place < 3755:
            return character
        place = min(3754, max(0, place + int(self.rng.choice([-3, -2, -1, 1, 2, 3]))))
        return bytes([0xB0 + place // 94, 0xA1 + place % 94]).decode("gb2312")

    def look_alike(self, character: str) -> str:
        """A near neighbour in Unicode that GB 2312 has too: same radical, about as many strokes."""
        for step in self.rng.permutation([-4, -3, -2, -1, 1, 2, 3, 4]):
            other = chr(ord(character) + int(step))
            try:
                other.encode("gb2312")
            except UnicodeEncodeError:
                continue
            return other
        return character

    def shortened(self, name: str) -> str:
        if "·" in name:
            return name.split("·")[0]
        return name[0] + name[2] if len(name) == 3 else name

    # --- dates and places ----------------------------------------------------------------------

    def birth(self, born: date) -> date | None:
        mix = self.mix
        if self.happens(mix.no_birth):
            return None
        if self.happens(mix.birth_turned) and born.day <= 12:
            return born.replace(month=born.day, day=born.month)
        if self.happens(mix.birth_lunar):
            return born - timedelta(days=int(self.rng.integers(18, 52)))
        if self.happens(mix.birth_year):
            return born.replace(month=1, day=1)
        if self.happens(mix.birth_slip):
            text = f"{born:%Y%m%d}"
            for _ in range(20):
                at = int(self.rng.integers(2, 8))
                wrong = text[:at] + str(int(self.rng.integers(10))) + text[at + 1 :]
                try:
                    return date(int(wrong[:4]), int(wrong[4:6]), int(wrong[6:]))
                except ValueError:
                    continue
        return born

    def region(self, region: str) -> str:
        if self.happens(self.mix.moved_far):
            return str(self.rng.choice(self.regions))
        if self.happens(self.mix.moved_near):
            near = [code for code in self.regions if code[:6] == region[:6]]
            return str(self.rng.choice(near)) if near else region
        return f"{region[:9]}000" if self.happens(self.mix.only_town) else region


def registered_twice(seed: int, people: Crowd, mix: Mix, share: float) -> list[Somebody]:
    """People of the register entered a second time by a village, without a number: the truth is in
    ``person``, the damage as in rows; a birth date that was left out becomes 1 January."""
    rng = np.random.default_rng([seed, 13])
    clerk = _Clerk(rng, mix, {}, [person.region for person in people.register[::97]])
    chosen = rng.random(len(people.register)) < share
    found = []
    for person in (p for p, wanted in zip(people.register, chosen, strict=True) if wanted):
        row = clerk.row(person, known=True)
        found.append(
            replace(
                person,
                name=row.name,
                sex=row.sex or person.sex,
                birth_date=row.birth_date or person.birth_date.replace(month=1, day=1),
                region=row.region,
                id_number="",
                phone=row.phone,
                address=row.address,
            )
        )
    return found
