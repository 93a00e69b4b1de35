"""What the register lays out for pages to be looked at."""

import uuid

from songbai.core.accounts.models import Account, DoubtWhy
from songbai.core.accounts.numbers import doubt_number
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.elders.actions.erasure import place_hold
from songbai.domain.elders.actions.facts import NewFact, record_facts, withdraw
from songbai.domain.elders.actions.family import invite_relative
from songbai.domain.elders.actions.turning import ask_to_see_to
from songbai.domain.elders.models import Conflict, Fact, Followed, Proxy
from songbai.domain.elders.rules.family import Invitation
from tests.cast import acting
from tests.scenes import Scene


def lay(scene: Scene) -> None:
    """Mrs Wang with her daughter, a brother who is invited, a hold, and two departments at odds."""
    cast, mother = scene.cast, scene.cast.mother
    with acting(cast.daughter):
        invited = Invitation("王强", "13912345678", "儿子", order=True, money=False, days=30)
        invitation = invite_relative(cast.daughter, mother, uuid.uuid4(), invited)
    with acting(cast.officer):
        hold = place_hold(cast.officer, mother, "家属有纠纷")
    for source, living in (("village", "living_alone"), ("minzheng", "in_institution")):
        record_facts(SYSTEM, mother, [NewFact("living", living)], source=source)
    doctor = [NewFact("family_doctor", "张医生", source_id="1")]
    record_facts(SYSTEM, mother, doctor, source="weijian")
    withdraw(SYSTEM, mother, "family_doctor", "weijian", "1", reason="写到别人名下了")
    ask_to_see_to(mother, "careplan", 1, "合并后有两份服务计划，请看留哪一份")
    doubt = doubt_number(Account.objects.get(pk=cast.daughter.account), DoubtWhy.UNUSED)
    scene.door("family", cast.daughter, cast.stranger_family)
    scene.door("desk", cast.dispatcher, cast.far_dispatcher)
    scene.door("bureau", cast.officer, cast.far_officer)
    scene.own(
        elder_id=mother.pk,
        hold_id=hold.pk,
        proposal_id=invitation.pk,
        proxy_id=Proxy.objects.get(account_id=cast.daughter.account).pk,
        conflict_id=Conflict.objects.get(elder=mother, kind="living").pk,
        doubt_id=doubt.pk,
        region="500151001",
        fact_id=Fact.objects.get(elder=mother, kind="living", source="village").pk,
        gone_id=Fact.objects.get(elder=mother, kind="family_doctor", withdrawn=True).pk,
        followed_id=Followed.objects.get(elder=mother).pk,
    )
    scene.anyones("the code at the door tells a passer-by whom to call", code=mother.door_code)
    scene.anyones("whoever has the text message says no by it", token="unknown")
    scene.anyones("a word of the law, not a thing", purpose="research", kind="living")
    scene.ask(elder=mother.pk)
