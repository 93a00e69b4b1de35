"""Addresses of the desk door."""

from __future__ import annotations

from django.urls import path

from . import care_plans, phone, views

app_name = "desk"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("queue/", views.queue, name="queue"),
    path("counts/", views.counts, name="counts"),
    path("routes/", views.gantt, name="gantt"),
    path("towns/", views.towns, name="towns"),
    path("points/", views.points, name="points"),
    path("plan/", views.plan_day, name="plan"),
    path("orders/new/", phone.order_new, name="order_new"),
    path("care-plans/", care_plans.plans, name="care_plans"),
    path("care-plans/<int:plan_id>/", care_plans.plan, name="care_plan"),
    path("orders/<int:order_id>/", views.order, name="order"),
    path("orders/<int:order_id>/assign/", views.assign_order, name="assign"),
    path("orders/<int:order_id>/withdraw/", views.withdraw_order, name="withdraw"),
    path("orders/<int:order_id>/cancel/", views.cancel_order, name="cancel"),
]
