"""The people the demo tells about: an elder, her daughter, and who works for them."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from django.contrib.auth.hashers import make_password

from songbai.cli.demo import geography, identity
from songbai.cli.demo.batch import ElderBatch, HardshipClass, LivingSituation, RiskTag
from songbai.cli.demo.district import District, Named, Plan
from songbai.cli.demo.identity import Holder, IntArray
from songbai.core.accounts.models import Account, Role, TotpKey
from songbai.core.accounts.queries import actors_of
from songbai.core.accounts.registry import RoleKind
from songbai.core.accounts.rules import Actor
from songbai.core.crypto import encrypt_bytes
from songbai.core.stages import Story
from songbai.domain.assessments.declares import ASSESSOR, BODY
from songbai.domain.elders.declares import DISPATCHER, FAMILY, OFFICER
from songbai.domain.elders.models import Elder
from songbai.domain.providers.declares import CAREGIVER, PROVIDER

PASSWORD = "songbai-demo"  # noqa: S105
MOTHER, FATHER = ("王桂兰", "wgl"), ("陈松柏", "csb")
#: Serial of the first of these telephone numbers, far from all others.
PHONES = 9_900_000
STRANGER_TOWN = "500151105"


@dataclass(frozen=True, slots=True)
class Login:
    """One way into the demo; staff have a password and a TOTP device."""

    key: str
    door: str
    title: str
    name: str
    kind: RoleKind
    url: str
    scope: str = ""

    @property
    def is_staff(self) -> bool:
        """Whether a password is asked."""
        return self.kind is not FAMILY


LOGINS = (
    Login("daughter", "家属", "王桂兰的女儿，陈松柏的儿媳", "王芸", FAMILY, "/family/"),
    Login("stranger", "家属", "安居镇一位老人的儿子", "周楠", FAMILY, "/family/"),
    Login("caregiver", "护理员", "常去王桂兰家的护理员", "李棠", CAREGIVER, "/caregiver/"),
    Login("dispatcher", "调度台", "铜梁区调度员", "张榆", DISPATCHER, "/desk/", "500151"),
    Login("provider", "服务商", "服务商后台", "何杉", PROVIDER, "/provider/"),
    Login("officer", "民政", "铜梁区民政局", "刘楷", OFFICER, "/bureau/", "500151"),
    Login("town_officer", "民政", "巴川街道民政干部", "罗桐", OFFICER, "/bureau/", "500151001"),
    Login("assessor", "评估", "评估员（护士）", "许青", ASSESSOR, "/assessor/"),
    Login("second_assessor", "评估", "和她一起去的评估员", "方舟", ASSESSOR, "/assessor/"),
    Login("body", "评估", "评估机构负责人", "骆敏", BODY, "/assessor/body/"),
    Login("checker", "民政", "铜梁区民政局审批", "沈柏", OFFICER, "/bureau/", "500151"),
)


def phone_of(login: Login) -> str:
    """The telephone number of a login."""
    holder = Holder.STAFF if login.is_staff else Holder.RELATIVE
    serial = PHONES + LOGINS.index(login)
    return str(identity.phones(np.array([serial]), holder)[0])


def choose(batch: ElderBatch) -> Named:
    """Find the named elders in a batch of Tongliang and make them who they are."""
    sizes = np.bincount(np.unique(batch.household, return_inverse=True)[1])
    alone = sizes[np.unique(batch.household, return_inverse=True)[1]] == 1
    mother = _nearest(batch, 82, batch.female & alone)
    empty = batch.living == LivingSituation.EMPTY_NEST
    father = _nearest(batch, 76, ~batch.female & empty & ~alone)
    _call(batch, mother, MOTHER)
    _call(batch, father, FATHER)
    batch.living[mother] = LivingSituation.LIVING_ALONE
    batch.hardship[mother] = HardshipClass.DIBAO
    batch.ability[mother], batch.ability[father] = 2, 1
    batch.risk_tags[mother] = (1 << RiskTag.ALLERGY) | (1 << RiskTag.FALLS)
    for row in (mother, father):
        _move_home(batch, row)
    towns = np.array([village.code[:9] for village in batch.villages])[batch.village]
    at_home = batch.living != LivingSituation.IN_INSTITUTION
    stranger = _nearest(batch, 80, at_home & (towns == STRANGER_TOWN))
    return Named(mother, father, stranger)


def _call(batch: ElderBatch, row: int, name: tuple[str, str]) -> None:
    batch.name[row], batch.initials[row] = name


def _nearest(batch: ElderBatch, age: int, wanted: Any) -> int:
    """The elder nearest to an age among those wanted, of the first village if it has one."""
    rows: IntArray = np.flatnonzero(wanted)
    away = np.abs(batch.age[rows].astype(np.int64) - age) * 2 + (batch.village[rows] != 0)
    return int(rows[np.argmin(away)])


def _move_home(batch: ElderBatch, row: int) -> None:
    """The household lives in the first village, 500 m from its centre at most."""
    together = np.flatnonzero(batch.household == batch.household[row])
    if batch.village[row] == 0:
        return
    centres = geography.village_centres(batch.district)
    batch.village[together] = 0
    batch.lon[together] = centres.lon[0] + 0.002
    batch.lat[together] = centres.lat[0] - 0.001


def write_risks(district: District) -> None:
    """Say what the mother must not be given; for all others the register only says 药物过敏."""
    if district.named is not None:
        mother = Elder.objects.filter(pk=int(district.elder_ids[district.named.mother]))
        mother.update(risks=["青霉素过敏", "易跌倒"])


def sign_up(district: District) -> dict[str, Actor]:
    """Accounts of all logins; the caregiver is the first of the crew."""
    found: dict[str, Actor] = {}
    hashed = make_password(PASSWORD)  # costly on purpose
    for login in LOGINS:
        account = Account.objects.register(phone_of(login), login.name)
        if login.is_staff:
            Account.objects.filter(pk=account.pk).update(password=hashed)
        found[login.key] = Actor(account.pk, login.name, login.kind)
        works_for = {PROVIDER: district.provider_ids, BODY: district.bodies}.get(login.kind)
        Role.objects.create(
            account=account,
            kind=login.kind,
            scope=login.scope,
            organisation_id=None if works_for is None else int(works_for[0]),
            title=login.title,
        )
        if login.is_staff:
            key = hashlib.sha256(f"{district.plan.seed}/{login.key}".encode()).digest()[:20]
            TotpKey.objects.create(account=account, key=encrypt_bytes(key))
    return found


def story(plan: Plan) -> Story:
    """What the rooms tell of the first district: where, by whom, about whom."""
    actors = {}
    for login in LOGINS:
        account = Account.objects.by_phone(phone_of(login))
        if account is not None:
            actors[login.key] = actors_of(account)[0]
    place = geography.villages_of(geography.towns_of(geography.TONGLIANG)[0].code)[0].code
    home = Elder.objects.filter(region_id=place)
    named = {"mother": MOTHER[0], "father": FATHER[0]}
    subjects = {key: home.filter(name=name).earliest("id").pk for key, name in named.items()}
    return Story(place[:6], place, plan.seed, actors, subjects, plan.today)


def write_list() -> None:
    """Put the list for the page of logins into ``SONGBAI_HOME/demo.json``."""
    rows = [
        {
            "door": login.door,
            "title": login.title,
            "name": login.name,
            "phone": phone_of(login),
            "password": PASSWORD if login.is_staff else None,
            "url": login.url,
        }
        for login in LOGINS
    ]
    path = settings.HOME / "demo.json"
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
