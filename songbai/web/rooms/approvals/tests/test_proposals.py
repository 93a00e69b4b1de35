"""One proposal: who may decide it is asked, all others are told why not."""

import uuid

from django.urls import reverse

from songbai.core.accounts.actions import family_account
from songbai.core.accounts.rules import Actor
from songbai.domain.elders.actions.corrections import Correction, ask_correction
from songbai.domain.elders.declares import FAMILY, OFFICER
from songbai.domain.elders.tests.test_family import by_officer
from tests.cast import Cast, acting, make_account
from tests.doors import LogIn


def test_only_who_may_decide_is_asked(cast: Cast, log_in: LogIn) -> None:
    with acting(cast.officer):
        by_officer(cast, account := family_account("13911112222", "王梅"), "女儿")
    with acting(asker := Actor(account.pk, account.name, FAMILY)):
        card = Correction(uuid.uuid4(), "bank_card", "6217000000000000001", "换了存折")
        page = reverse("bureau:proposal", args=[ask_correction(asker, cast.mother, card).pk])
    other = make_account("李局", OFFICER, "500151")
    agree = 'name="verdict" value="yes"'
    near = log_in(cast.officer).get(page).content.decode()
    assert ("由别的同事来定" in near, agree in near) == (True, False)
    assert agree in log_in(other).get(page).content.decode()
