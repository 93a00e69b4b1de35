"""What rosters lay out for pages to be looked at."""

import uuid

from songbai.domain.rosters.actions import Upload, upload
from tests.cast import acting
from tests.scenes import Scene


def lay(scene: Scene) -> None:
    """A village's list with Mrs Wang on it."""
    officer = scene.cast.officer
    text = "姓名,身份证号\n王桂英,500190194205061024\n".encode()
    with acting(officer):
        roster, _ = upload(officer, Upload("500151001001", "名册.csv", text, uuid.uuid4()))
    scene.own(roster_id=roster.pk)
