"""What the files room lays out for pages to be looked at."""

from songbai.core.files.actions import Owner, store
from tests.cast import acting
from tests.proofs import PDF
from tests.scenes import Scene


def lay(scene: Scene) -> None:
    """A proof that the daughter sent."""
    cast = scene.cast
    with acting(cast.daughter):
        owner = Owner(cast.mother.region_id, cast.mother.pk)
        proof = store(cast.daughter, owner, "户口簿.pdf", PDF, "证明")
    scene.own(file_id=proof.pk)
