"""A generated register with known truth: twins, namesakes, clans, shared telephones.

For measuring how well matching does and for estimating its weights. Unlike the demo city, names are
drawn from the characters that people of this age really bear, common ones often, because namesakes
are what makes matching hard. Identity numbers carry divisions 500190 … 500199, which no county has.
Knows nothing of the matcher.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from songbai.cli.demo.identity import CHECK_CHARACTERS, CHECK_WEIGHTS, SURNAMES

RARE_SURNAMES = "鲜晏简敖牟冉况屈阳游代骆涂喻舒幸蹇湛左封谯聂粟卿谌隆佘窦苟"
COMPOUND = ("欧阳", "上官", "司马", "诸葛", "令狐")
FEMALE = (
    "秀英桂兰玉珍素芳淑华清琼碧群容金莲菊凤梅翠芬秋香红云霞贵银珠明仁惠春先彩月娥贞开洪光荣莉静美平"
    "永万世代朝学文正永富蓉丽萍娟敏艳玲婷佩琴瑞雪如意锦绣辉坤其琳瑶洁"
)
MALE = (
    "国明德光华兴文正永成世清建荣富学贵祥志全安福平林云生忠义昌发万新海洪元友仁金代泽朝龙伦才元模"
    "强勇军伟东波涛亮辉超斌峰刚礼智信廷绍仲培树森树根开先必达锡恩钦述尧"
)
GENERATION = "世代朝廷正大光明文学国兴永昌德泽先仁"
STREETS = ("幸福路", "解放街", "人民路", "新华巷", "滨河路", "中兴街", "团结路", "桂花巷")
HAMLETS = ("石坝", "桐子", "黄桷", "柏树", "大湾", "水井", "老屋", "新房", "高坎", "李家沟")
MINORITY = ("阿依古丽·买买提", "古丽娜尔·吐尔逊", "扎西·次仁", "卓玛·央金", "买买提·艾力")


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person as they really are. ``person`` is the truth; ``region`` a 12-digit code."""

    person: int
    name: str
    sex: str
    birth_date: date
    region: str
    id_number: str
    phone: str
    address: str
    household: int


@dataclass(frozen=True)
class Crowd:
    """The register, and people who are not in it but resemble someone who is."""

    register: list[Somebody]
    outsiders: list[Somebody]


def made_id_number(division: int, born: date, order: int) -> str:
    """A valid number of a division that no county has."""
    body = f"{division}{born:%Y%m%d}{order:03d}"
    digits = np.frombuffer(body.encode(), dtype=np.uint8) - ord("0")
    return body + str(CHECK_CHARACTERS[int(digits @ CHECK_WEIGHTS) % 11])


class _Maker:
    """Draws people one by one; keeps the numbers it gave away."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng([seed, 7])
        self.used: set[str] = set()
        self.serial = 0
        weights = 1.0 / (np.arange(len(SURNAMES)) + 3.0) ** 0.95
        self.surname_weights = weights / weights.sum()
        self.given = {}
        for sex, pool in (("f", FEMALE), ("m", MALE)):
            shares = 1.0 / (np.arange(len(pool)) + 2.0) ** 0.8
            self.given[sex] = (list(pool), shares / shares.sum())

    def surname(self, clan: str) -> str:
        draw = self.rng.random()
        if clan and draw < 0.3:
            return clan
        if draw > 0.985:
            return str(self.rng.choice(list(RARE_SURNAMES)))
        if draw > 0.98:
            return str(self.rng.choice(COMPOUND))
        return str(self.rng.choice(list(SURNAMES), p=self.surname_weights))

    def name(self, sex: str, clan: str) -> str:
        if self.rng.random() < 0.001:
            return str(self.rng.choice(MINORITY))
        pool, shares = self.given[sex]
        surname = self.surname(clan)
        if self.rng.random() < 0.14:
            return surname + str(self.rng.choice(pool, p=shares))
        first, last = self.rng.choice(pool, size=2, p=shares)
        if surname == clan and sex == "m" and self.rng.random() < 0.6:
            first = self.rng.choice(list(GENERATION))
        return f"{surname}{first}{last}"

    def birth(self) -> date:
        return date(1926, 1, 1) + timedelta(days=int(self.rng.beta(3.2, 1.5) * 14_600))

    def number(self, born: date, sex: str, near: str = "") -> str:
        division = int(near[:6]) if near else 500190 + int(self.rng.integers(10))
        while True:
            order = 2 * int(self.rng.integers(1, 499)) + (sex == "m")
            number = made_id_number(division, born, order)
            if number not in self.used:
                self.used.add(number)
                return number

    def phone(self) -> str:
        return f"120{int(self.rng.integers(10**8)):08d}"

    def person(self, region: str, clan: str, address: str, household: int) -> Somebody:
        sex = "f" if self.rng.random() < 0.52 else "m"
        born = self.birth()
        self.serial += 1
        return Somebody(
            self.serial,
            self.name(sex, clan),
            sex,
            born,
            region,
            self.number(born, sex),
            self.phone(),
            address,
            household,
        )

    def like(self, other: Somebody, **changed: object) -> Somebody:
        """Another person who shares all but what is changed; the number is always their own."""
        self.serial += 1
        person = replace(other, person=self.serial, **changed)  # type: ignore[arg-type]
        return replace(
            person, id_number=self.number(person.birth_date, person.sex, other.id_number)
        )

    def address(self, urban: bool) -> str:
        if urban:
            street = self.rng.choice(STREETS)
            return (
                f"{street}{self.rng.integers(1, 200)}号{self.rng.integers(1, 9)}幢"
                f"{self.rng.integers(1, 20)}-{self.rng.integers(1, 9)}"
            )
        return (
            f"{self.rng.choice(HAMLETS)}{self.rng.integers(1, 13)}组{self.rng.integers(1, 200)}号"
        )


def crowd(seed: int, villages: list[str], *, per_village: int = 600) -> Crowd:
    """People of some villages (12-digit codes) at the density of a real register.

    Of a hundred couples one half shares a telephone; in one village of ten the clerk's own number
    stands for twenty people. One in 200 has a twin; a son bears his father's name now and then.
    """
    make = _Maker(seed)
    register: list[Somebody] = []
    outsiders: list[Somebody] = []
    household = 0
    for at, region in enumerate(villages):
        urban = at % 3 == 0
        clan = "" if urban else make.surname("")
        clerk = make.phone() if at % 10 == 0 else ""
        people: list[Somebody] = []
        while len(people) < per_village:
            household += 1
            address = make.address(urban)
            first = make.person(region, clan, address, household)
            if clerk and len(people) < 20:
                first = replace(first, phone=clerk)
            people.append(first)
            draw = make.rng.random()
            if draw < 0.45:
                people.append(_spouse(make, first, clan))
            for other in _alike(make, first):
                (people if make.rng.random() < 0.6 else outsiders).append(other)
        register += people
    outsiders += [
        make.person(register[int(at)].region, "", make.address(urban=True), 0)
        for at in make.rng.integers(len(register), size=len(register) // 20)
    ]
    return Crowd(register, outsiders)


def _spouse(make: _Maker, first: Somebody, clan: str) -> Somebody:
    other = make.person(first.region, clan, first.address, first.household)
    sex = "m" if first.sex == "f" else "f"
    born = first.birth_date + timedelta(days=int(make.rng.normal(0, 900)))
    phone = first.phone if make.rng.random() < 0.5 else other.phone
    return replace(
        other,
        sex=sex,
        birth_date=born,
        name=make.name(sex, clan),
        phone=phone,
        id_number=make.number(born, sex),
    )


def _alike(make: _Maker, person: Somebody) -> list[Somebody]:
    """Twins, sons of the same name, namesakes: other people who look like this one."""
    found = []
    draw = make.rng.random()
    if draw < 0.005:
        pool, shares = make.given[person.sex]
        twin = person.name[:-1] + str(make.rng.choice(pool, p=shares))
        if twin != person.name:
            found.append(make.like(person, name=twin))
    elif draw < 0.007 and person.sex == "m" and person.birth_date.year < 1945:
        years = int(make.rng.integers(19, 23))
        day = min(person.birth_date.day, 28)
        changed = person.birth_date.replace(year=person.birth_date.year + years, day=day)
        if make.rng.random() < 0.3:
            born = changed
        else:
            born = changed + timedelta(days=int(make.rng.integers(1, 300)))
        found.append(make.like(person, birth_date=born))
    elif draw < 0.010:
        born = person.birth_date + timedelta(days=int(make.rng.integers(-2000, 2000)))
        found.append(
            make.like(
                person, birth_date=born, phone=make.phone(), address=make.address(urban=False)
            )
        )
    elif draw < 0.0105:
        found.append(make.like(person, phone=make.phone(), address=make.address(urban=True)))
    return found
