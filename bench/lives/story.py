"""Lives of a year: what is true, and the same truth told with errors, reversals and delays. Pure.

A life is told twice. Its *truth* says each thing once, on its day. Its *telling* says it late,
doubled, of a second record, between errors that are taken back; a person is reported dead, merged
with somebody else, parted again. In the end both must stand alike.
"""

from dataclasses import dataclass, field, replace
from random import Random

DAYS = 330
#: Things happen on days of this grid, so that nights and months are few.
GRID = 5
VILLAGE, OTHER_VILLAGE, ELSEWHERE = "500151001001", "500151105001", "500152001001"
#: In another city.
FAR = "510107001001"


@dataclass(frozen=True)
class Fact:
    """What a department's row says: observed, and valid, from days of the year."""

    source: str
    kind: str
    row: str
    value: str
    observed: int
    begins: int | None = None
    ends: int | None = None
    gone: bool = False


@dataclass(frozen=True)
class Step:
    """Something that reaches us on a day. ``act`` is what, ``fact`` what is said, ``day2`` when an
    order is for, ``other`` the number of the other person of a wrong merge.
    """

    day: int
    act: str
    fact: Fact | None = None
    day2: int = 0
    other: int = -1
    word: str = ""
    copy: bool = False


@dataclass
class Life:
    """One person of a seed: age at the year's end, what is true, and how it is told."""

    seed: int
    number: int
    age: int
    truth: list[Step] = field(default_factory=list)
    told: list[Step] = field(default_factory=list)


def lives(seed: int, people: int) -> list[Life]:
    """The lives of a seed."""
    random = Random(seed)
    found = [_true(random, seed, number) for number in range(people)]
    joined: dict[int, tuple[int, int]] = {}
    for number in range(0, people - 1, 2):
        if random.random() < 0.6:
            begin = _day(random, 40, 200)
            joined[number] = joined[number + 1] = (begin, begin + _day(random, GRID, 70))
    for life in found:
        _tell(random, life, joined.get(life.number))
    return found


def _day(random: Random, low: int, high: int) -> int:
    return random.randrange(low, high, GRID)


def _true(random: Random, seed: int, number: int) -> Life:
    life = Life(seed, number, random.choice((79, 80, 81, 85, 89, 90, 95)))

    def say(
        day: int,
        source: str,
        kind: str,
        row: str,
        value: str,
        begins: int | None = None,
        ends: int | None = None,
    ) -> None:
        fact = Fact(source, kind, row, value, day, begins=begins, ends=ends)
        life.truth.append(Step(day, "fact", fact))

    say(0, "gongan", "hukou", "h", VILLAGE, begins=-400)
    say(0, "renshe", "bank_card", "c", "1")
    say(GRID, "minzheng", "hardship", "m", random.choice(("dibao", "none", "tekun")))
    say(GRID, "village", "living", "l", random.choice(("living_alone", "empty_nest")))
    life.truth.append(Step(GRID, "bind", word="daughter"))
    life.truth.append(Step(GRID, "consent", word="yes"))
    if random.random() < 0.3:
        away = _day(random, 60, 280)
        say(away, "gongan", "hukou", "h2", FAR if seed % 2 else ELSEWHERE, begins=away)
    elif random.random() < 0.3:
        moved = _day(random, 60, 280)
        say(moved, "village", "residence", "r", OTHER_VILLAGE)
    if random.random() < 0.3:
        say(_day(random, 30, 290), "renshe", "bank_card", "c", "2")
    if random.random() < 0.3:
        stay = _day(random, 30, 250)
        say(stay, "yibao", "hospital_stay", "s", "某医院", begins=stay, ends=stay + 4 * GRID)
    if random.random() < 0.3:
        life.truth.append(Step(_day(random, 40, 280), "consent", word="no"))
    if random.random() < 0.3:
        life.truth.append(Step(_day(random, 60, 280), "unbind", word="daughter"))
    for month in random.sample(range(1, 9), 3):
        day = 30 * month + GRID
        life.truth.append(Step(day, "order", day2=day + 4 * GRID))
        # Of what was ordered, a part turns out not to have been given.
        given = "given" if random.random() < 0.8 else "not given"
        life.truth.append(Step(day + 5 * GRID, given, day2=day + 4 * GRID))
    life.truth.append(Step(2 * GRID, "file"))
    if random.random() < 0.25:
        died = _day(random, 60, 280)
        say(died, "gongan", "death", "d", "", begins=died)
        # Whoever comes to the dead gives no care, however late the office learns of it.
        life.truth = [step for step in life.truth if "given" not in step.act or step.day2 < died]
    life.truth.sort(key=lambda step: step.day)
    return life


def _tell(random: Random, life: Life, joined: tuple[int, int] | None) -> None:
    """Tell a life with two to four kinds of trouble, and a wrong merge where there is one."""
    if joined is not None:  # who is read as somebody else orders nothing
        busy = range(joined[0], joined[1] + 1)
        life.truth = [one for one in life.truth if one.act == "fact" or one.day not in busy]
        if life.number % 2 == 0:
            life.told += [Step(joined[0], "join", other=life.number + 1), Step(joined[1], "part")]
    life.told += [_late(random, step) for step in life.truth]
    life.told = [_looked_at(random, step) for step in life.told]
    troubles = [_doubled, _wrong_death, _wrong_hukou, _wrong_birth, _prison, _second_record,
                _suspended, _returned, _bound_anew]  # fmt: skip
    for trouble in random.sample(troubles, random.randint(2, 4)):
        trouble(random, life)
    random.shuffle(life.told)
    life.told.sort(key=lambda step: step.day)


#: What a credit depends on when somebody orders: later it changes nothing that was ordered.
_ON_TIME = frozenset({"hardship", "living"})


def _late(random: Random, step: Step) -> Step:
    """What departments say may come late; what people do is done when it is done."""
    if step.fact is None or step.fact.kind in _ON_TIME or random.random() < 0.6:
        return step
    return replace(step, day=min(DAYS, step.day + _day(random, GRID, 60)))


def _doubled(random: Random, life: Life) -> None:
    facts = [step for step in life.told if step.act == "fact"]
    for step in random.sample(facts, min(3, len(facts))):
        life.told.append(replace(step, day=min(DAYS, step.day + _day(random, GRID, 80))))


def _wrong(random: Random, life: Life, day: int, after: int, fact: Fact) -> None:
    """Something wrong is said, and taken back: by its source, even before it came, or by two
    officers.
    """
    way = random.choice(("source", "early", "officers"))
    life.told.append(Step(day, "fact", fact))
    if way == "officers":
        life.told.append(Step(day + after, "officers", fact))
        return
    gone = Step(day + (0 if way == "early" else after), "fact", replace(fact, gone=True))
    life.told.insert(0, gone)


def _wrong_death(random: Random, life: Life) -> None:
    """Dead by mistake, between an order and its day, so that it can still be given."""
    orders = [step for step in life.truth if step.act == "order"]
    if not orders:
        return
    order = random.choice(orders)
    others = {step.day for step in orders} - {order.day}
    day = order.day + GRID
    if others & {day, day + GRID}:
        return
    source = random.choice(("gongan", "minzheng", "weijian"))
    _wrong(random, life, day, GRID, Fact(source, "death", "x", "", day, begins=day - 1))


def _wrong_hukou(random: Random, life: Life) -> None:
    day = _day(random, 20, 240)
    where = FAR if life.seed % 2 else ELSEWHERE
    fact = Fact("gongan", "hukou", "x", where, day + 1, begins=day)
    _wrong(random, life, day, _day(random, GRID, 80), fact)


def _wrong_birth(random: Random, life: Life) -> None:
    day, after = _day(random, 20, 240), _day(random, GRID, 80)
    orders = {step.day for step in life.truth if step.act == "order"}
    if not orders & set(range(day, day + after + GRID)):  # a credit depends on the age
        _wrong(random, life, day, after, Fact("gongan", "birth_date", "x", "1965-03-04", day))


def _prison(random: Random, life: Life) -> None:
    day = _day(random, 20, 240)
    fact = Fact("gongan", "exclusion", "x", "prison", day, begins=day)
    _wrong(random, life, day, _day(random, GRID, 60), fact)


def _looked_at(random: Random, step: Step) -> Step:
    """That care was given is seen at once, or after a doubt, a denial, a word taken back; that it
    was not is found at the look, or after it was confirmed, or paid.
    """
    ways = {
        "given": ("", "doubted", "denied", "unsure"),
        "not given": ("", "denied", "confirmed", "paid"),
    }.get(step.act)
    return replace(step, word=random.choice(ways)) if ways else step


def _suspended(random: Random, life: Life) -> None:
    """Suspended by mistake, over a day of paying or not; what was kept is paid after."""
    day = _day(random, 30, 240)
    life.told += [Step(day, "suspend"), Step(day + _day(random, GRID, 60), "resume")]


def _returned(random: Random, life: Life) -> None:  # noqa: ARG001  # every payment of the year
    """The bank gives back what it had booked, and books it when it is sent again."""
    life.told += [Step(month * 30 + 4 * GRID, "returned") for month in range(2, 11)]


def _bound_anew(random: Random, life: Life) -> None:
    """The daughter's binding is ended by mistake and entered again."""
    day = _day(random, 20, 280)
    if any(step.act == "unbind" and step.day <= day + GRID for step in life.truth):
        return
    life.told += [Step(day, "unbind"), Step(day + GRID, "bind again")]


def _second_record(random: Random, life: Life) -> None:
    """A village enters the person again; what some say goes there until the two are joined."""
    begin, end = _day(random, GRID, 120), _day(random, 130, 300)
    told = life.told
    life.told = [
        replace(step, copy=True)
        if step.fact is not None
        and step.fact.kind not in _ON_TIME
        and step.act == "fact"
        and begin < step.day
        and random.random() < 0.5
        else step
        for step in told
    ]
    life.told = [Step(begin, "copy"), *life.told, Step(end, "same")]
