"""Addresses of the caregiver door."""

from __future__ import annotations

from django.urls import path

from . import corrections, positions, views

app_name = "caregiver"
urlpatterns = [
    path("", views.day, name="day"),
    path("assignments/<int:assignment_id>/check-in/", views.check_in, name="check_in"),
    path("visits/<int:visit_id>/step/", views.step, name="step"),
    path("visits/<int:visit_id>/check-out/", views.check_out, name="check_out"),
    path("sharing/", positions.sharing, name="sharing"),
    path("position/", positions.position, name="position"),
    path("elders/<int:elder_id>/correction/", corrections.correction, name="correction"),
]
