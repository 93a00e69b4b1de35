"""The caregiver's pages of the room visits."""

from django.urls import path

from . import day, own

addresses = [
    path("", day.day, name="day"),
    path("assignments/<int:assignment_id>/check-in/", day.check_in, name="check_in"),
    path("assignments/<int:assignment_id>/report/", day.report, name="report"),
    path("fortnight/", own.fortnight, name="fortnight"),
    path("hours/", own.hours, name="hours"),
    path("visits/<int:visit_id>/step/", day.step, name="step"),
    path("visits/<int:visit_id>/check-out/", day.check_out, name="check_out"),
    path("sharing/", day.sharing, name="sharing"),
    path("position/", day.position, name="position"),
]
