"""Names as they are written, heard and misread."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from songbai.domain.matching.reference import characters
from songbai.domain.matching.rules.blocking import share_name
from songbai.domain.matching.rules.names import (
    NameLevel,
    code_points,
    compare_names,
    dialect,
    normal_name,
)

names = st.text(st.sampled_from("王李张刘陈桂兰英秀珍国华明德凤蓝国玉"), min_size=2, max_size=4)


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [
        ("王桂英", "王桂英", NameLevel.SAME),
        ("劉國華", "刘国华", NameLevel.VARIANT),
        ("李桂兰", "李桂蓝", NameLevel.SOUND),
        ("肖玉", "萧玉", NameLevel.SOUND),
        ("曾德华", "增德华", NameLevel.SOUND),
        ("刘秀英", "牛秀英", NameLevel.NEAR_SOUND),
        ("胡玉", "付玉", NameLevel.NEAR_SOUND),
        ("陈芳", "陈芬", NameLevel.SHAPE),
        ("王未生", "王末生", NameLevel.SHAPE),
        ("王国强", "国王强", NameLevel.SWAPPED),
        ("王国强", "王强", NameLevel.MISSING),
        ("陈大明", "陈小明", NameLevel.ONE_OTHER),
        ("黄秀英", "黄桂兰", NameLevel.SURNAME),
        ("黄秀英", "李桂兰", NameLevel.DIFFERENT),
        ("王英", "王芳", NameLevel.SURNAME),
        ("", "王芳", NameLevel.UNKNOWN),
        ("买买提·吐尔逊", "买买提吐尔逊", NameLevel.SAME),
        ("买买提·吐尔逊", "买买提", NameLevel.MISSING),
        ("买买提·吐尔逊", "吐尔逊·买买提", NameLevel.SWAPPED),
        ("阿依古丽·买买提", "阿依古力·买买提", NameLevel.SOUND),
        ("古丽娜尔·吐尔逊", "古丽娜·吐尔逊", NameLevel.SHAPE),
        ("欧阳国华", "欧阳国平", NameLevel.ONE_OTHER),
    ],
)
def test_how_two_names_compare(one: str, two: str, level: NameLevel) -> None:
    found = compare_names(normal_name(one), normal_name(two), characters())
    assert found is level
    assert compare_names(normal_name(two), normal_name(one), characters()) is level


def test_notes_blanks_and_dots_are_no_part_of_a_name() -> None:
    assert normal_name(" 买买提•吐尔逊（父）") == "买买提·吐尔逊"
    assert normal_name("王 桂\u3000英") == "王桂英"


def test_the_south_west_hears_no_difference() -> None:
    assert dialect("zhang") == dialect("zang")
    assert dialect("niu") == dialect("liu")
    assert dialect("huang") == dialect("fang")
    assert dialect("hu") == dialect("fu")
    assert dialect("ting") == dialect("tin")
    assert dialect("hou") != dialect("fou")


@given(names, names)
def test_the_sieve_keeps_every_pair_that_sounds_alike(one: str, two: str) -> None:
    known = characters()
    level = compare_names(one, two, known)
    left, right = (known.today[code_points([name])] for name in (one, two))
    kept = share_name(left, right, known)
    alike = level in {
        NameLevel.SAME,
        NameLevel.VARIANT,
        NameLevel.SWAPPED,
        NameLevel.MISSING,
        NameLevel.ONE_OTHER,
    }
    assert bool(kept[0]) or not alike


@given(st.text(max_size=12), st.text(max_size=12))
def test_no_text_is_a_crash(one: str, two: str) -> None:
    one, two = normal_name(one), normal_name(two)
    assert compare_names(one, two, characters()) is compare_names(two, one, characters())
    assert code_points([one, two]).dtype == np.uint32
