"""What providers lay out for pages to be looked at."""

from tests.scenes import Scene


def lay(scene: Scene) -> None:
    """The provider that serves Mrs Wang, and another one."""
    cast = scene.cast
    scene.door("provider", cast.provider_staff, cast.other_provider_staff)
    scene.door("caregiver", cast.caregiver, cast.other_caregiver)
    scene.anyones(
        "the portal shows every provider; settling is cut to the officer's division",
        provider_id=cast.provider.pk,
    )
