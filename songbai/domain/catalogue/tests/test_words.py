"""Who looks for a bath in the words of the kitchen table finds a bath."""

from pathlib import Path

import pytest

from songbai.core import yaml_file
from songbai.core.accounts.rules import SYSTEM
from songbai.domain.catalogue import queries
from songbai.domain.catalogue.actions import make_offer
from songbai.domain.catalogue.models import ServiceItem
from songbai.domain.catalogue.rules import WrongCatalogue
from songbai.domain.catalogue.words import items_said, load, meant
from songbai.domain.providers.queries import FacilitySearch, search_facilities
from songbai.domain.providers.rules import FacilityKind
from tests.cast import Cast, place

SAID: dict[str, list[str]] = yaml_file.read(Path(__file__).with_name("words_of_elders.yaml"))
PLACES = set(FacilityKind)


def test_the_list_is_long_enough() -> None:
    assert len({word for words in SAID.values() for word in words}) >= 150


def test_every_word_finds_what_is_meant(cast: Cast) -> None:
    for item in ServiceItem.objects.exclude(offers__provider=cast.provider):
        make_offer(SYSTEM, cast.provider, item, 1_000, ["500151"])
    for kind in FacilityKind:
        place(cast.provider, kind, "某处")
    missed = []
    for wanted, words in SAID.items():
        for word in words:
            if wanted in PLACES:
                search = FacilitySearch(words=word, meant=meant(word).places)
                found = set(search_facilities(search).values_list("kind", flat=True))
            else:
                found = set(queries.offers(word).values_list("item_id", flat=True))
            if wanted not in found:
                missed.append((word, wanted))
    assert missed == []


def test_a_description_counts_only_when_no_name_does() -> None:
    assert items_said("洗澡") == items_said("洗 澡") == meant("洗澡").items
    assert items_said("艾灸，驱寒")


def test_a_word_nobody_says_means_nothing() -> None:
    assert not meant("潜水艇").items
    assert not meant("潜水艇").places
    assert not meant("").items


@pytest.mark.parametrize(
    ("alone", "words"),
    [
        ("洗", ["洗澡", "洗头", "洗衣"]),
        ("饭", ["吃饭", "送饭", "做饭", "喂饭"]),
        ("药", ["送药", "换药", "吃药"]),
        ("床", ["铺床", "护理床"]),
        ("灸", ["艾灸"]),
    ],
)
def test_one_character_means_all_that_its_words_mean(alone: str, words: list[str]) -> None:
    for word in words:
        assert items_said(alone) >= items_said(word), word
        assert meant(alone).places >= meant(word).places, word


MONEY = [
    "高龄津贴",
    "高龄补贴",
    "补贴",
    "津贴",
    "低保",
    "长护险",
    "长期护理保险",
    "护理费",
    "失能",
    "特困",
    "补助",
    "护理补贴",
    "残疾人补贴",
    "养老服务补贴",
    "消费补贴",
    "消费券",
    "电子券",
    "五保",
    "救助",
    "敬老金",
    "百岁老人",
    "能领多少钱",
    "领钱",
    "待遇",
    "钱",
    "失能补贴",
]


@pytest.mark.parametrize("word", MONEY)
def test_who_looks_for_money_is_led_to_the_benefits(word: str) -> None:
    assert meant(word).leads == {"self_check"}


def test_an_office_word_means_what_the_kitchen_word_means() -> None:
    assert meant("助浴") == meant("洗澡")
    assert FacilityKind.BATH_POINT in meant("洗澡").places


def test_an_entry_that_says_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "words.yaml"
    path.write_text("words: [{say: [], items: [A05-01]}]", "utf-8")
    with pytest.raises(WrongCatalogue, match="says nothing"):
        load(path)


@pytest.mark.parametrize("entry", ["{say: [甲], items: [X99]}", "{say: [甲], places: [moon]}"])
def test_an_item_nobody_knows_is_named(tmp_path: Path, entry: str) -> None:
    path = tmp_path / "words.yaml"
    path.write_text(f"words: [{entry}]", "utf-8")
    with pytest.raises(WrongCatalogue, match="甲"):
        load(path)


def test_a_word_stands_once(tmp_path: Path) -> None:
    path = tmp_path / "words.yaml"
    path.write_text("words: [{say: [甲, 甲], items: []}]", "utf-8")
    with pytest.raises(WrongCatalogue, match="twice"):
        load(path)


def test_a_place_lists_what_is_had_there_and_nothing_else(cast: Cast) -> None:
    meal = ServiceItem.objects.get(pk="C01-02")
    make_offer(SYSTEM, cast.provider, meal, 1_200, ["500151"])
    canteen = place(cast.provider, FacilityKind.CANTEEN, "幸福老年食堂")
    station = place(cast.provider, FacilityKind.STATION, "幸福养老服务站")
    sold = queries.offers_at([canteen, station])
    assert [offer.item_id for offer in sold[canteen.pk]] == ["C01-02"]
    assert sold[station.pk] == []
