"""The provider's own caregivers."""

from songbai.core import clock
from songbai.domain.catalogue.rules import load as catalogue
from songbai.domain.providers.queries import own_staff
from songbai.domain.visits.queries import StaffWork, staff_work
from songbai.web.views import Actor, HttpRequest, Shown, door


@door("provider", "staff/")
def staff(_: HttpRequest, actor: Actor) -> Shown:
    """The provider's own caregivers: what they can do, when they work, what they did."""
    today = clock.today()
    words, work = catalogue().skill_words, staff_work(actor, today)
    people = [
        {
            "member": member,
            "phone": member.phone,
            "skills": [words.get(skill, skill) for skill in member.skills],
            "shifts": [
                (shift.during.lower, shift.during.upper, shift.sick_at is not None)
                for shift in member.today  # type: ignore[attr-defined]
            ],
            "work": work.get(member.pk, StaffWork()),
        }
        for member in own_staff(actor, today)
    ]
    return {"people": people, "today": today}
