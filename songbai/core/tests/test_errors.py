"""Errors are written for the person who meets them."""

import pytest

from songbai.core import errors
from songbai.core.errors import NotFound, Refused, SongbaiError, UnknownRegion


def every_error(kind: type[SongbaiError] = SongbaiError) -> list[type[SongbaiError]]:
    return [kind, *(found for child in kind.__subclasses__() for found in every_error(child))]


def test_the_docstring_is_the_message() -> None:
    assert NotFound().message == "没有找到这条记录，可能已经删除，或不在您能看的范围里。"
    assert str(NotFound()) == NotFound().message


def test_a_message_can_be_given() -> None:
    assert Refused("还没到时间。").message == "还没到时间。"


def test_an_error_names_the_field_it_belongs_to() -> None:
    assert UnknownRegion().field == "region"
    assert UnknownRegion(field="town").field == "town"
    assert Refused().field is None


@pytest.mark.parametrize("kind", every_error(errors.SongbaiError), ids=lambda kind: kind.__name__)
def test_every_error_speaks_chinese(kind: type[SongbaiError]) -> None:
    words = kind.__doc__ or ""
    assert any("\u4e00" <= character <= "\u9fff" for character in words)
    assert words.strip().endswith("。")
