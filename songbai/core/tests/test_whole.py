"""A file is there whole or not at all."""

from pathlib import Path

import pytest

from songbai.core import whole


def test_a_file_is_replaced_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    whole.write(tmp_path / "a", b"1")
    whole.write(tmp_path / "a", b"22")
    assert (tmp_path / "a").read_bytes() == b"22"
    assert (tmp_path / "a").stat().st_mode & 0o077 == 0


def test_what_breaks_off_leaves_the_file_as_it_was_and_nothing_beside_it(tmp_path: Path) -> None:
    whole.write(tmp_path / "a", b"before")
    with pytest.raises(OSError, match="full"), whole.draft(tmp_path / "a") as beside:
        beside.write_bytes(b"half")
        raise OSError("full")
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"before"]


def test_nobody_sees_a_file_before_it_is_whole(tmp_path: Path) -> None:
    with whole.draft(tmp_path / "a") as beside:
        beside.write_bytes(b"half")
        assert not (tmp_path / "a").exists()
    assert (tmp_path / "a").exists()
