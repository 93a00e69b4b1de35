"""Each figure of an elder, asked for at every door that shows it, is the same."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from songbai.core import clock
from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import SYSTEM, Actor
from songbai.core.ledger.queries import balance
from songbai.domain.benefits.queries.explain import Explained, explain
from songbai.domain.benefits.rules.months import Month
from songbai.domain.benefits.tests.giving import credit_left
from songbai.domain.elders.actions.facts import NewFact, deliver_list, record_facts
from songbai.domain.orders.models import Order
from songbai.domain.orders.queries import statement
from songbai.web.rooms.benefits import explaining

from .acts import confirmed
from .cast import Cast, acting

MONTH = Month(clock.month_of(clock.today()))


def client_of(actor: Actor) -> Client:
    """A browser of this person."""
    client = Client()
    account = Account.objects.get(pk=actor.account)
    client.force_login(account, backend="songbai.core.accounts.backends.PasswordBackend")
    return client


def read(actor: Actor, name: str, *args: object, **query: str) -> str:
    """What a page says to somebody, without its tags."""
    reply = client_of(actor).get(reverse(name, args=args), query, follow=True)
    assert reply.status_code == 200, name
    return re.sub(r"<[^>]+>|\s+", "", reply.content.decode())


@pytest.fixture
def listed(cast: Cast) -> Cast:
    """Nobody said a word of Mrs Wang: complete lists say where she is registered and what she is
    not.
    """
    with clock.moved_to(clock.now() - timedelta(days=3)):
        born = NewFact("residence", cast.mother.region_id)
        record_facts(SYSTEM, cast.mother, [born], source="village")
        for kind, source in (("hukou", "gongan"), ("hardship", "minzheng")):
            deliver_list(SYSTEM, kind, source, "500151", clock.now())
    return cast


def told(actor: Actor, cast: Cast) -> Explained:
    """The month as one door has it decided, under what the database shows that person."""
    with acting(actor):
        return explain(actor, cast.mother, MONTH, purpose="核对", where="/test/")


@pytest.mark.parametrize("other", ["officer"])
def test_what_a_complete_list_says_by_silence_is_known_at_every_door(
    listed: Cast, other: str
) -> None:
    home, desk = (told(getattr(listed, who), listed) for who in ("daughter", other))
    assert [entry.then for entry in home.entries] == [entry.then for entry in desk.entries]
    assert [entry.now for entry in home.entries] == [entry.now for entry in desk.entries]


def test_the_pages_of_a_month_give_each_policy_the_same_word(listed: Cast) -> None:
    cards = explaining.cards_of(told(listed.officer, listed))
    pages = [
        read(listed.daughter, "family:benefits", listed.mother.pk),
        read(listed.officer, "bureau:elder_benefits", listed.mother.pk, month=MONTH.text),
    ]
    assert any(card.yes for card in cards)
    for card in cards:
        for text in pages:
            assert card.name in text
            for says in (card.telling.title, card.telling.why) if text is pages[1] else ():
                assert re.sub(r"\s+", "", says) in text
            assert re.sub(r"\s+", "", card.telling.why) in text
    assert not any(re.search(r"还缺资料：[^。]*户籍", text) for text in pages)


@pytest.fixture
def bathed(cast: Cast) -> Order:
    """A bath of 225 yuan: 200 of credit, 25 of her own, confirmed by the daughter."""
    return confirmed(cast)


def test_a_price_is_the_same_at_every_door_and_in_the_books(cast: Cast, bathed: Order) -> None:
    month, provider = bathed.month, cast.provider.pk
    with acting(cast.provider_staff):
        bill = statement(cast.provider_staff, provider, month)
    shares = {line.payer.code: line.amount for line in bill.lines if line.amount}
    assert shares == {"credit": 20_000, "own": 2_500}
    assert bill.agrees
    for payer, fen in shares.items():
        assert balance(f"provider:{provider}:earned:{payer}:{month}") == fen
    whole = {
        "family:order": (cast.daughter, bathed.pk),
        "provider:order": (cast.provider_staff, bathed.pk),
        "bureau:order": (cast.officer, bathed.pk),
    }
    for name, (actor, *args) in whole.items():
        text = read(actor, name, *args)
        assert "225" in text, name
        for words in ("200", "25"):
            assert words in text, name
    statements = [
        read(cast.provider_staff, "provider:statement", month=month),
        read(cast.officer, "bureau:settle", provider, month),
        read(cast.officer, "bureau:money", month=month),
    ]
    for text in statements:
        for line in bill.lines:
            assert line.payer.words in text
    for text in statements[:2]:
        assert "225" in text


def test_the_credit_left_is_the_same_at_home_at_the_bureau_and_in_the_ledger(
    cast: Cast, bathed: Order
) -> None:
    left = credit_left(cast.mother, bathed.month)
    assert left == balance(f"elder:{cast.mother.pk}:credit:{bathed.month}") == 0
    with clock.moved_to(bathed.window_start):
        home = read(cast.daughter, "family:home")
        desk = read(cast.officer, "bureau:elder", cast.mother.pk)
    assert "还剩0元" in home
    assert "已用和已订200元" in home
    assert "200" in desk


def test_one_birthday_gives_one_age_on_a_page(cast: Cast) -> None:
    for name in ("bureau:elder", "bureau:elder_benefits"):
        text = read(cast.officer, name, cast.mother.pk)
        assert len(set(re.findall(r"(\d+)(?:周岁|岁)，?1", text))) <= 1, name
